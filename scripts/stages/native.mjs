// The native unit tests: configured and built by CMake, one build folder for each body and sanitizer.
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { ensureSystemPackages } from '../ensure-system-package.mjs';
import { at, root } from '../setup/places.mjs';
import { runTool } from '../setup/run-tool.mjs';
import { beginRun, checkNothingLeft } from './private-directory.mjs';
import { endedWell, ending, runWatched } from './watched.mjs';

const limitMs = 600_000;

/** The counts of test cases as doctest sums them up; null when it did not come so far. */
export function countsOf(output) {
  const summary =
    /\[doctest\] test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed\s*\|\s*(?:(\d+) skipped)?/.exec(output);
  return summary && { passed: Number(summary[2]), failed: Number(summary[3]), skipped: Number(summary[4] ?? 0) };
}

export async function buildNative({ body, sanitize = '', target = 'procloom-native-test', werror = false }) {
  ensureSystemPackages(['cmake', 'doctest-dev']);
  const folder = at('build-native', [body, ...sanitize.split(',').filter(Boolean)].join('-'));
  mkdirSync(folder, { recursive: true });
  await runTool('cmake', [
    '-S',
    root,
    '-B',
    folder,
    `-DPROCLOOM_BODY=${body}`,
    `-DPROCLOOM_SANITIZE=${sanitize}`,
    `-DPROCLOOM_WERROR=${werror ? 'ON' : 'OFF'}`,
  ]);
  await runTool('cmake', ['--build', folder, '--target', target, '--parallel', String(availableParallelism())]);
  return folder;
}

const sanitizerOptions = {
  ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  // Tests fork children beside threads of their own (the sentinel), and the children start theirs.
  TSAN_OPTIONS: 'halt_on_error=0:second_deadlock_stack=1:die_after_fork=0',
};

/**
 * The tests mostly wait: so several parts of them run at once. What no part names is the last one's. With a sanitizer the
 * first is empty (CMakeLists.txt says why).
 */
const named = [['step-kill/*'], ['stress/*', 'memory/*', 'os/*'], ['ring/growth.cc']];
const patterns = (files) => files.map((file) => `*/test/${file}`).join(',');
const parts = [
  ...named.map((files) => [`--source-file=${patterns(files)}`]),
  [`--source-file-exclude=${patterns(named.flat())}`],
];

/** One stage: builds and runs the tests of a body, with a sanitizer or without. */
export async function nativeTests(outcome, { body, sanitize = '', filter, werror }) {
  const folder = await buildNative({ body, sanitize, werror });
  const program = join(folder, 'procloom-native-test');
  if (!existsSync(program)) throw new Error(`CMake reported success, but ${program} is not there.`);
  const begun = beginRun(['native', body, ...sanitize.split(',').filter(Boolean)].join('-'));
  const runPart = (args) =>
    runWatched(program, args, { env: { ...begun.env, ...sanitizerOptions }, limitMs, quiet: !filter });
  const chosen = filter ? [[`--test-case=${filter}`]] : parts;
  const results = await Promise.all(chosen.map(runPart));
  const ran = results.map((result) => countRun(result, outcome, [body, sanitize].filter(Boolean).join(', ')));
  if (ran.reduce((sum, { cases }) => sum + cases, 0) === 0) outcome.fail('no native test case ran');
  const left = ran[0].all - ran.reduce((sum, { cases }) => sum + cases, 0);
  if (!filter && left !== 0 && outcome.failed === 0)
    outcome.fail(`${left} native test cases are in no part, or in two`);
  checkNothingLeft(begun, outcome);
}

/** Counts one run of the program. Gives how many cases it ran, and of how many it knows. */
function countRun(result, outcome, what) {
  const counts = countsOf(result.output);
  if (counts) outcome.pass(counts.passed);
  if (counts?.failed) outcome.fail(`${counts.failed} native test cases (${what})`, counts.failed);
  // A sanitizer's finding at exit, a crash or a hang leaves the counts fine and the exit code not.
  if (!endedWell(result) && !counts?.failed) outcome.fail(`procloom-native-test ${ending(result, limitMs)}`);
  if (!counts && endedWell(result)) outcome.fail('procloom-native-test printed no summary');
  if (!counts || !endedWell(result)) console.log(result.output);
  const cases = counts ? counts.passed + counts.failed : 0;
  return { cases, all: counts ? cases + counts.skipped : 0 };
}
