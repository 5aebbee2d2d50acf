// `npm run fuzz`: the set-up, then inputs that nobody would write, for as long as one likes.
import { parseArgs } from 'node:util';

import { defaultBody } from './setup/places.mjs';
import { SetupError } from './setup/run-tool.mjs';
import { setUp } from './setup/set-up.mjs';
import { fuzz, fuzzTargets } from './stages/fuzz.mjs';
import { conclude, runStage } from './stages/outcome.mjs';

const usage = `usage: npm run fuzz -- --minutes N [--only ${fuzzTargets.join('|')}] [--seed S]

  --minutes  how long; a fraction is fine (default: 1). All targets run at the same time
  --only     one target
  --seed     an integer: the same choices again, as far as the corpus is the same

New inputs that reach something new are kept in build-fuzz/<target>/corpus, findings in build-fuzz/<target>/findings.`;

try {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      only: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
  } else {
    const minutes = Number(values.minutes);
    const seed = values.seed === undefined ? undefined : Number(values.seed);
    if (!(minutes > 0)) throw new SetupError(`--minutes ${values.minutes} is no such number.\n${usage}`);
    if (seed !== undefined && !Number.isSafeInteger(seed))
      throw new SetupError(`--seed ${values.seed} is no such number.\n${usage}`);
    if (values.only !== undefined && !fuzzTargets.includes(values.only))
      throw new SetupError(`'${values.only}' cannot be fuzzed here.\n${usage}`);
    await setUp({ bodies: [defaultBody] });
    const outcome = await runStage('fuzz', (it) => fuzz(it, { minutes, only: values.only, seed }));
    process.exitCode = conclude([outcome]);
  }
} catch (error) {
  console.error(error instanceof SetupError || error.code?.startsWith('ERR_PARSE_ARGS') ? error.message : error);
  process.exitCode = 1;
}
