// What every stage of tests and checks reports: true counts, and a name for each failure.

/** One stage's result. A stage that could not count what it did is a failure, never zero. */
export class Outcome {
  constructor(stage) {
    this.stage = stage;
    this.passed = 0;
    this.failed = 0;
    this.skipped = 0;
    this.failures = [];
    this.seconds = 0;
  }

  pass(count = 1) {
    this.passed += count;
  }

  skip(count = 1) {
    this.skipped += count;
  }

  fail(what, count = 1) {
    this.failed += count;
    this.failures.push(what);
  }
}

/** Runs a stage. Whatever it throws is counted as a failure of it, and so is a stage that checked nothing. */
export async function runStage(stage, work) {
  console.log(`\n── ${stage}`);
  const outcome = new Outcome(stage);
  const started = performance.now();
  try {
    await work(outcome);
    if (outcome.passed + outcome.failed === 0) outcome.fail('nothing was checked');
  } catch (error) {
    outcome.fail(error.message);
  }
  outcome.seconds = (performance.now() - started) / 1000;
  for (const failure of outcome.failures) console.log(`   FAILED ${failure}`);
  console.log(`   ${describe(outcome)}`);
  return outcome;
}

const describe = ({ passed, failed, skipped, seconds }) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''} (${seconds.toFixed(1)} s)`;

/** Prints one line a stage, the failures again, and the sum last. Returns the exit code. */
export function conclude(outcomes) {
  console.log('\n── summary');
  const width = Math.max(...outcomes.map(({ stage }) => stage.length));
  for (const outcome of outcomes) console.log(`   ${outcome.stage.padEnd(width)}  ${describe(outcome)}`);
  for (const { stage, failures } of outcomes)
    for (const failure of failures) console.log(`   FAILED ${stage}: ${failure}`);
  const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const skipped = sum('skipped');
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped ? `, ${skipped} skipped` : ''}`);
  return sum('failed') === 0 ? 0 : 1;
}
