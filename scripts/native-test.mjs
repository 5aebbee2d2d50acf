// `npm run native:test`: the native unit tests, by body and sanitizer.
import { parseArgs } from 'node:util';

import { bodies, testedBodies } from './setup/places.mjs';
import { setUp } from './setup/set-up.mjs';
import { nativeTests } from './stages/native.mjs';
import { conclude, runStage } from './stages/outcome.mjs';

const usage = `usage: npm run native:test -- [--body linux|posix] [--sanitize address|thread|undefined|address,undefined] [--filter PATTERN]

  --body      test one body of waiting only (default: ${testedBodies.join(' and ')})
  --sanitize  build with these sanitizers of the compiler
  --filter    test cases whose name matches, as doctest's --test-case`;

try {
  const { values } = parseArgs({
    options: {
      body: { type: 'string' },
      sanitize: { type: 'string', default: '' },
      filter: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
  } else {
    if (values.body && !bodies.includes(values.body)) throw new Error(`There is no body '${values.body}'.\n${usage}`);
    await setUp({ only: 'dependencies' });
    const outcomes = [];
    for (const body of values.body ? [values.body] : testedBodies) {
      const stage = `native tests, ${body}${values.sanitize ? `, ${values.sanitize}` : ''}`;
      outcomes.push(await runStage(stage, (outcome) => nativeTests(outcome, { ...values, body })));
    }
    process.exitCode = conclude(outcomes);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
