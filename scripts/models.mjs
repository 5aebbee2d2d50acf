// `npm run models`: the Spin models of locks, semaphores, conditions, barriers and doorbells, and their broken variants.
import { parseArgs } from 'node:util';

import { models } from './stages/models.mjs';
import { conclude, runStage } from './stages/outcome.mjs';

const usage = `usage: npm run models -- [--only PART]

  --only  the checks whose line contains this, such as 'mutex' or 'progress'`;

try {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    console.log(usage);
  } else {
    process.exitCode = conclude([await runStage('models', (outcome) => models(outcome, values))]);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
