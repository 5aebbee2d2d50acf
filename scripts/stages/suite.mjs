// The TypeScript suite (vitest) on one body of waiting.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { addonFile, at, defaultBody } from '../setup/places.mjs';
import { beginRun, checkNothingLeft } from './private-directory.mjs';
import { endedWell, ending, runWatched } from './watched.mjs';

/** A hang ends here. How long it may take on which machine is not for a watchdog to say. */
const limitMs = 900_000;

/** What is the same whatever the body of waiting: these tests run with the first body only. */
const sameForAllBodies = [
  ...['bench', 'context', 'docs', 'errors', 'fuzz', 'house', 'scripts', 'serialize', 'target'].map(
    (room) => `${room}/**`,
  ),
  ...[
    ...['arguments', 'exec-argv', 'forkserver', 'identity', 'interrupts', 'leaving-nothing', 'output', 'packed'],
    ...['programs', 'refused-starts', 'shareable-modules', 'start-method'],
  ].map((subject) => `process/${subject}.test.ts`),
];

/** Adds up vitest's JSON report. A file that could not even be loaded has no tests, and is a failure all the same. */
function count(report, outcome) {
  outcome.pass(report.numPassedTests);
  outcome.skip(report.numPendingTests + report.numTodoTests);
  for (const file of report.testResults) {
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    for (const test of failed) outcome.fail(`${file.name.replace(at('/'), '')}: ${test.fullName}`);
    if (file.status === 'failed' && failed.length === 0) {
      outcome.fail(
        `${file.name.replace(at('/'), '')}: ${(file.message ?? '').split('\n')[0] || 'failed outside of its tests'}`,
      );
    }
  }
}

/**
 * One stage.
 *
 * @param options.args more arguments for vitest
 */
export async function suite(outcome, { body, args = [] }) {
  const addon = addonFile(body);
  if (!existsSync(addon)) throw new Error(`${addon} is not there: the set-up for body '${body}' did not run.`);
  const folder = mkdtempSync(join(tmpdir(), 'procloom-test-'));
  const report = join(folder, 'report.json');
  const begun = beginRun(`suite-${body}`);
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const left = body === defaultBody ? [] : sameForAllBodies.map((files) => `--exclude=test/${files}`);
    const result = await runWatched(
      process.execPath,
      [at('node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...left, ...args],
      {
        env: {
          PROCLOOM_SETUP: 'skip',
          PROCLOOM_ADDON: addon,
          PROCLOOM_BODY: body,
          ...begun.env,
        },
        limitMs,
      },
    );
    if (existsSync(report)) count(JSON.parse(readFileSync(report, 'utf8')), outcome);
    else outcome.fail('vitest wrote no report');
    if (!endedWell(result) && outcome.failed === 0) outcome.fail(`vitest ${ending(result, limitMs)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  checkNothingLeft(begun, outcome, { addon, killed: true });
}
