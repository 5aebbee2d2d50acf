// The soak (test/soak/): random work on everything that is shared, by processes and threads that are killed at random.
import { at } from '../setup/places.mjs';
import { runReported } from './reported.mjs';

/** What a round may take beyond its time, on a slow machine and with a hang to be found. */
const beyondMs = 240_000;

/** What is worked on. */
export const soaked = ['lock', 'rlock', 'value', 'semaphore', 'event', 'condition', 'barrier', 'queue', 'pipe'];

/** Counts what the soak reports. One in which nothing was done, or nobody was killed, has shown nothing. */
export function countSoak({ seed, checks, violations, operations, kills, interrupted }, outcome) {
  outcome.pass(checks);
  for (const violation of violations) outcome.fail(`${violation} (seed ${seed})`);
  // One that was ended early, or by what it found, need not have come to everything.
  if (interrupted || violations.length > 0) return;
  if (checks === 0) outcome.fail('the soak checked nothing');
  for (const kind of soaked) {
    for (const how of ['blocking', 'awaited']) {
      if (!(operations[kind]?.[how] > 0)) outcome.fail(`no operation of kind ${kind}, ${how}, was done`);
    }
  }
  if (!(kills.process > 0)) outcome.fail('no process was killed');
  if (!(kills.thread > 0)) outcome.fail('no thread was terminated');
}

/**
 * One stage.
 *
 * @param options.minutes how long it works
 * @param options.seed of a soak that is to be repeated; the order in which the system runs things is not
 */
export async function soak(outcome, { body, minutes, seed }) {
  const args = [at('test/soak/main.mjs'), '--minutes', String(minutes)];
  if (seed !== undefined) args.push('--seed', String(seed));
  if (process.stdout.isTTY) args.push('--live', String(process.stdout.columns || 80));
  const limitMs = minutes * 60_000 + beyondMs;
  await runReported(outcome, { name: 'soak', body, args, limitMs, passInterrupt: true, count: countSoak });
}
