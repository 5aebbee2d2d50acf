// All that is checked before a change lands, on a clean clone: `bash .ci/run`. Ends with the line 'N passed, N failed'.
import { parseArgs } from 'node:util';

import { at, defaultBody, testedBodies } from './setup/places.mjs';
import { setUp } from './setup/set-up.mjs';
import { runTool } from './setup/run-tool.mjs';
import { examples } from './stages/examples.mjs';
import { fuzz, fuzzTargets } from './stages/fuzz.mjs';
import { models } from './stages/models.mjs';
import { nativeTests } from './stages/native.mjs';
import { conclude, runStage } from './stages/outcome.mjs';
import { beginRun, checkNothingLeft } from './stages/private-directory.mjs';
import { soak } from './stages/soak.mjs';
import { suite } from './stages/suite.mjs';
import { tarball } from './stages/tarball.mjs';
import { endedWell, ending, runWatched } from './stages/watched.mjs';

/** A stage that is one program: one check, by its exit code. */
const program =
  (what, args, limitMs = 600_000) =>
  async (outcome) => {
    const result = await runWatched(process.execPath, args, { limitMs });
    if (endedWell(result)) outcome.pass();
    else outcome.fail(`${what} ${ending(result, limitMs)}`);
  };

/** One round of a trial of each sort: test/bench has every driver do each of its jobs. */
const part = ['--trials', 'bytes-64,bytes-1m,small-object,round-trip,lock', '--rounds', '1'];

async function benchmark(outcome) {
  const begun = beginRun('benchmark');
  const limitMs = 420_000;
  const result = await runWatched(process.execPath, [at('scripts/start.mjs'), '--quick', ...part], {
    env: begun.env,
    limitMs,
  });
  if (endedWell(result)) outcome.pass();
  else outcome.fail(`the benchmark ${ending(result, limitMs)}`);
  checkNothingLeft(begun, outcome);
}

/** With the body that most use; `npm run native:test -- --body posix --sanitize thread` has the other one. */
const sanitized = ['address,undefined', 'thread'].map((sanitize) => [defaultBody, sanitize]);

/** Stage → work, in their order; the quick ones first. */
const stages = [
  [
    'set-up',
    async (outcome) => {
      await setUp({ bodies: testedBodies, bench: true });
      outcome.pass();
    },
  ],
  ['format', program('the check of the format', [at('scripts/format.mjs'), '--check'])],
  ['lint', program('oxlint', [at('node_modules/oxlint/bin/oxlint'), '--deny-warnings'])],
  ['types', program('tsc', [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'])],
  ...testedBodies.map((body) => [`native tests, ${body}`, (outcome) => nativeTests(outcome, { body, werror: true })]),
  ...testedBodies.map((body) => [`suite, ${body}`, (outcome) => suite(outcome, { body })]),
  ...sanitized.map(([body, sanitize]) => [
    `native tests, ${body}, ${sanitize}`,
    (outcome) => nativeTests(outcome, { body, sanitize }),
  ]),
  ['models', (outcome) => models(outcome)],
  ...(fuzzTargets.length > 0 ? [['fuzz', (outcome) => fuzz(outcome, { minutes: 1 / 3 })]] : []),
  [`soak, ${defaultBody}`, (outcome) => soak(outcome, { body: defaultBody, minutes: 1 })],
  ['examples', examples],
  [
    'tarball',
    async (outcome) => {
      await runTool(process.execPath, [at('scripts/prebuilds.mjs')], { verbose: true });
      await tarball(outcome);
    },
  ],
  ['benchmark, quick form', benchmark],
];

const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean', default: false } } });
if (values.list) {
  for (const [name] of stages) console.log(name);
} else {
  // In CI warnings of the compiler are errors; elsewhere another compiler may know more warnings than we do.
  process.env.PROCLOOM_WERROR = '1';
  const chosen = stages.filter(([name]) => !values.only || name.includes(values.only));
  const outcomes = [];
  // Every stage stands on the set-up, a chosen one too.
  for (const [name, work] of chosen.includes(stages[0]) ? chosen : [stages[0], ...chosen]) {
    outcomes.push(await runStage(name, work));
  }
  if (chosen.length === 0) outcomes.push(await runStage(`--only ${values.only}`, () => {}));
  process.exitCode = conclude(outcomes);
}
