// Many short lives (test/soak/lives.mjs): children of each start method, and many of them at once, that leave nothing.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { addonFile, at } from '../setup/places.mjs';
import { beginRun, checkNothingLeft } from './private-directory.mjs';
import { endedWell, ending, runWatched } from './watched.mjs';

/** Far above what a start takes, on a slow machine that is busy; there are few methods. */
const limitMsOf = (lives, atOnce) => 120_000 + 3 * 1_000 * (lives + atOnce);

/**
 * One stage.
 *
 * @param options.lives how many of each start method
 * @param options.atOnce how many at the same time
 * @param options.method of this start method only
 */
export async function lives(outcome, { body, lives: count, atOnce, method }) {
  const addon = addonFile(body);
  if (!existsSync(addon)) throw new Error(`${addon} is not there: the set-up for body '${body}' did not run.`);
  const folder = mkdtempSync(join(tmpdir(), 'procloom-lives-'));
  const report = join(folder, 'report.json');
  const begun = beginRun(`lives-${body}`);
  const limitMs = limitMsOf(count, atOnce);
  try {
    const program = ['--expose-gc', at('test/soak/lives.mjs')];
    const args = [...program, '--lives', String(count), '--at-once', String(atOnce), '--report', report];
    if (method !== undefined) args.push('--method', method);
    const env = { PROCLOOM_ADDON: addon, ...begun.env };
    const result = await runWatched(process.execPath, args, { env, limitMs });
    if (existsSync(report)) {
      const { checks, violations } = JSON.parse(readFileSync(report, 'utf8'));
      outcome.pass(checks);
      for (const violation of violations) outcome.fail(violation);
    } else outcome.fail('the lives wrote no report');
    if (!endedWell(result) && outcome.failed === 0) outcome.fail(`the lives ${ending(result, limitMs)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  checkNothingLeft(begun, outcome, { addon, killed: true });
}
