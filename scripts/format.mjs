// `npm run format` and `npm run format:check`: prettier for TypeScript, JavaScript, JSON and YAML, clang-format for C++.
// Prose (Markdown) is left as its author set it.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

import { ensureSystemPackages } from './ensure-system-package.mjs';
import { at, root } from './setup/places.mjs';
import { setUp } from './setup/set-up.mjs';

const patterns = [
  '{lib,test,bench,examples,scripts,native}/**/*.{ts,mts,cts,js,mjs,cjs,json}',
  '*.{json,ts,mjs}',
  '.prettierrc.json',
];

const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;

const write = process.argv[2] === '--write';
if (!write && process.argv[2] !== '--check') {
  console.error('usage: node scripts/format.mjs --write|--check');
  process.exit(2);
}

try {
  await setUp({ only: 'dependencies' });
  ensureSystemPackages(['clang-format']);
  const cpp = readdirSync(at('native'), { recursive: true })
    .filter((path) => /\.(cc|h)$/.test(path))
    .map((path) => at('native', path));
  const prettier = [at('node_modules/prettier/bin/prettier.cjs'), write ? '--write' : '--check', '--log-level=warn'];
  // Both, even if the first complains: one run shows all there is to mend.
  const results = [
    run(process.execPath, [...prettier, '--no-error-on-unmatched-pattern', ...patterns]),
    run('clang-format', write ? ['-i', ...cpp] : ['--dry-run', '--Werror', ...cpp]),
  ];
  if (results.includes(false)) {
    console.error(
      write ? 'Some files could not be formatted, see above.' : 'Files are not formatted: npm run format mends that.',
    );
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
