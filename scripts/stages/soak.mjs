// The soak (test/soak/): random work on everything that is shared, by processes and threads that are killed at random.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { addonFile, at } from '../setup/places.mjs';
import { beginRun, checkNothingLeft } from './private-directory.mjs';
import { endedWell, ending, runWatched } from './watched.mjs';

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
  const addon = addonFile(body);
  if (!existsSync(addon)) throw new Error(`${addon} is not there: the set-up for body '${body}' did not run.`);
  const folder = mkdtempSync(join(tmpdir(), 'procloom-soak-'));
  const report = join(folder, 'report.json');
  const begun = beginRun(`soak-${body}`);
  const limitMs = minutes * 60_000 + beyondMs;
  try {
    const args = [at('test/soak/main.mjs'), '--minutes', String(minutes), '--report', report];
    if (seed !== undefined) args.push('--seed', String(seed));
    if (process.stdout.isTTY) args.push('--live', String(process.stdout.columns || 80));
    const env = { PROCLOOM_ADDON: addon, ...begun.env };
    const result = await runWatched(process.execPath, args, { env, limitMs, passInterrupt: true });
    if (existsSync(report)) countSoak(JSON.parse(readFileSync(report, 'utf8')), outcome);
    else outcome.fail('the soak wrote no report');
    if (!endedWell(result) && outcome.failed === 0) outcome.fail(`the soak ${ending(result, limitMs)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  checkNothingLeft(begun, outcome, { addon, killed: true });
}
