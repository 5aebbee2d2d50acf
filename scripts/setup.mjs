// The set-up by itself: `npm run setup`, or `node scripts/setup.mjs` on a machine with Node, npm and a compiler only.
import { parseArgs } from 'node:util';

import { bodies, defaultBody, testedBodies } from './setup/places.mjs';
import { setUp } from './setup/set-up.mjs';
import { SetupError } from './setup/run-tool.mjs';

const usage = `usage: node scripts/setup.mjs [--body linux|posix|all] [--bench] [--only dependencies|addon|lib|bench] [--force] [--verbose]

Installs the dependencies, compiles the addon and the library; what is done already and unchanged is left alone.

  --body     the body of waiting to compile the addon with (default: ${defaultBody})
  --bench    compile the benchmark too
  --only     only that step
  --force    do it again even if nothing changed
  --verbose  show what the tools print`;

try {
  const { values } = parseArgs({
    options: {
      body: { type: 'string', default: defaultBody },
      bench: { type: 'boolean', default: false },
      only: { type: 'string' },
      force: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
  } else {
    if (values.body !== 'all' && !bodies.includes(values.body))
      throw new SetupError(`There is no body '${values.body}'.\n${usage}`);
    await setUp({ ...values, bodies: values.body === 'all' ? testedBodies : [values.body] });
  }
} catch (error) {
  const expected = error instanceof SetupError || error.code?.startsWith('ERR_PARSE_ARGS');
  console.error(expected ? `set-up failed: ${error.message}` : error);
  process.exitCode = 1;
}
