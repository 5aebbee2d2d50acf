// `npm start` and `npm run bench`: the set-up, then the benchmark; `npm start` in its quick form.
import { spawn } from 'node:child_process';

import { at } from './setup/places.mjs';
import { SetupError } from './setup/run-tool.mjs';
import { setUp } from './setup/set-up.mjs';

const [form, ...args] = process.argv.slice(2);

try {
  if (form !== '--quick' && form !== '--full')
    throw new SetupError('usage: node scripts/start.mjs --quick|--full [arguments of the benchmark]');
  await setUp({ bench: true });
  const child = spawn(
    process.execPath,
    [at('dist-bench/main.js'), ...(form === '--quick' ? ['--quick'] : []), ...args],
    {
      stdio: 'inherit',
    },
  );
  // Ctrl-C goes to both; the benchmark ends first, after putting its children and its table in order.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    if (signal) console.error(`The benchmark was ended by ${signal}.`);
    process.exitCode = code ?? 1;
  });
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}
