// Many short lives (test/soak/lives.mjs): children of each start method, and many of them at once, that leave nothing.
import { at } from '../setup/places.mjs';
import { runReported } from './reported.mjs';

/** Far above what a start takes, on a slow machine that is busy; there are few methods. */
const limitMsOf = (lives, atOnce) => 120_000 + 3 * 1_000 * (lives + atOnce);

function countLives({ checks, violations }, outcome) {
  outcome.pass(checks);
  for (const violation of violations) outcome.fail(violation);
}

/**
 * One stage.
 *
 * @param options.lives how many of each start method
 * @param options.atOnce how many at the same time
 * @param options.method of this start method only
 */
export async function lives(outcome, { body, lives: count, atOnce, method }) {
  const args = ['--expose-gc', at('test/soak/lives.mjs'), '--lives', String(count), '--at-once', String(atOnce)];
  if (method !== undefined) args.push('--method', method);
  await runReported(outcome, { name: 'lives', body, args, limitMs: limitMsOf(count, atOnce), count: countLives });
}
