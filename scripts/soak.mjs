// `npm run soak`: the set-up, then random work under random deaths, for as long as one likes; or many short lives.
import { parseArgs } from 'node:util';

import { bodies, defaultBody } from './setup/places.mjs';
import { SetupError } from './setup/run-tool.mjs';
import { setUp } from './setup/set-up.mjs';
import { conclude, runStage } from './stages/outcome.mjs';
import { lives } from './stages/lives.mjs';
import { soak } from './stages/soak.mjs';

const usage = `usage: npm run soak -- --minutes N [--seed S] [--body ${bodies.join('|')}]
       npm run soak -- --lives N [--at-once M] [--method METHOD] [--body ${bodies.join('|')}]

  --minutes  how long; a fraction is fine (default: 1). Ctrl-C ends it earlier, with all that is checked at the end
  --seed     an integer: the same choices again as in the soak that printed it
  --lives    instead: so many short processes of each start method, which must leave nothing
  --at-once  and so many at the same time (default: 200)
  --method   only of this start method
  --body     of waiting (default: ${defaultBody})`;

/** A number that was asked for, or the usage. */
function number(name, text, isRight) {
  if (!isRight(Number(text)) || text.trim() === '')
    throw new SetupError(`--${name} ${text} is no such number.\n${usage}`);
  return Number(text);
}

try {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string' },
      lives: { type: 'string' },
      method: { type: 'string' },
      'at-once': { type: 'string', default: '200' },
      body: { type: 'string', default: defaultBody },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
  } else {
    const { body, method } = values;
    if (!bodies.includes(body)) throw new SetupError(`There is no body '${body}'.\n${usage}`);
    const minutes = number('minutes', values.minutes, (n) => n > 0 && n < 1_000_000);
    const seed = values.seed === undefined ? undefined : number('seed', values.seed, Number.isSafeInteger);
    const isCount = (n) => Number.isInteger(n) && n > 0 && n <= 1_000_000;
    const count = values.lives && number('lives', values.lives, isCount);
    const atOnce = number('at-once', values['at-once'], isCount);
    await setUp({ bodies: [body] });
    const outcome = count
      ? await runStage(`lives, ${body}`, (it) => lives(it, { body, lives: count, atOnce, method }))
      : await runStage(`soak, ${body}`, (it) => soak(it, { body, minutes, seed }));
    process.exitCode = conclude([outcome]);
  }
} catch (error) {
  console.error(error instanceof SetupError || error.code?.startsWith('ERR_PARSE_ARGS') ? error.message : error);
  process.exitCode = 1;
}
