// `npm test`: the set-up, then every test, on the body of waiting that most use: CI runs them on all that this system can
// run.
import { parseArgs } from 'node:util';

import { bodies, defaultBody } from './setup/places.mjs';
import { SetupError } from './setup/run-tool.mjs';
import { setUp } from './setup/set-up.mjs';
import { nativeTests } from './stages/native.mjs';
import { conclude, runStage } from './stages/outcome.mjs';
import { suite } from './stages/suite.mjs';

const usage = `usage: npm test -- [--body linux|posix] [--native | --suite] [vitest's arguments, such as a part of a file's name]

  --body    only on this body of waiting (default: ${defaultBody})
  --native  only the native unit tests
  --suite   only the TypeScript suite`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      body: { type: 'string' },
      native: { type: 'boolean', default: false },
      suite: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
  } else {
    if (values.body && !bodies.includes(values.body))
      throw new SetupError(`There is no body '${values.body}'.\n${usage}`);
    const body = values.body ?? defaultBody;
    // A part of a file's name is vitest's: the native tests know nothing of it.
    const withNative = !values.suite && positionals.length === 0;
    const withSuite = !values.native;
    await setUp({ bodies: withSuite ? [body] : [], bench: withSuite });
    const outcomes = [];
    if (withNative) outcomes.push(await runStage(`native tests, ${body}`, (outcome) => nativeTests(outcome, { body })));
    if (withSuite)
      outcomes.push(await runStage(`suite, ${body}`, (outcome) => suite(outcome, { body, args: positionals })));
    process.exitCode = conclude(outcomes);
  }
} catch (error) {
  console.error(error instanceof SetupError || error.code?.startsWith('ERR_PARSE_ARGS') ? error.message : error);
  process.exitCode = 1;
}
