// Runs a program that tries what a body of waiting must withstand, and counts what it reports.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { addonFile } from '../setup/places.mjs';
import { beginRun, checkNothingLeft } from './private-directory.mjs';
import { endedWell, ending, runWatched } from './watched.mjs';

/**
 * One stage.
 *
 * @param options.name of the stage, in what it reports
 * @param options.args for node: the program and its own, to which `--report FILE` is added
 * @param options.limitMs longer than that it hangs
 * @param options.count (report, outcome) counts what was reported
 */
export async function runReported(outcome, { name, body, args, limitMs, passInterrupt = false, count }) {
  const addon = addonFile(body);
  if (!existsSync(addon)) throw new Error(`${addon} is not there: the set-up for body '${body}' did not run.`);
  const folder = mkdtempSync(join(tmpdir(), `procloom-${name}-`));
  const report = join(folder, 'report.json');
  const begun = beginRun(`${name}-${body}`);
  try {
    const env = { PROCLOOM_ADDON: addon, ...begun.env };
    const options = { env, limitMs, passInterrupt };
    const result = await runWatched(process.execPath, [...args, '--report', report], options);
    if (existsSync(report)) count(JSON.parse(readFileSync(report, 'utf8')), outcome);
    else outcome.fail(`${name}: there is no report`);
    if (!endedWell(result) && outcome.failed === 0) outcome.fail(`${name} ${ending(result, limitMs)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  checkNothingLeft(begun, outcome, { addon, killed: true });
}
