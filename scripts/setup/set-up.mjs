// Brings a checkout into working order, and does nothing where it is already. Only Node's own modules may be imported
// here and below: nothing is installed yet when it starts.
import { exclusively } from './lock.mjs';
import { stepsFor } from './steps.mjs';
import { isDone, markDone, unmark } from './stamp.mjs';

const due = (steps) => steps.filter((step) => !isDone(step.name, step.hash(), step.outputs));

/**
 * @param options.bodies the bodies of waiting to compile the addon with
 * @param options.bench whether the benchmark is wanted too
 * @param options.force do it all again
 * @param options.only the steps whose names start so
 * @param options.verbose show what the tools print
 */
export async function setUp({ force = false, verbose = false, ...wanted } = {}) {
  const steps = stepsFor(wanted);
  if (!force && due(steps).length === 0) return;
  await exclusively(async () => {
    // Asked again: another run may have done it while this one waited. And step by step, as installing changes what
    // the later ones are made from.
    for (const step of steps) {
      const hash = step.hash();
      if (!force && isDone(step.name, hash, step.outputs)) continue;
      console.error(`set-up: ${step.title} …`);
      const started = performance.now();
      unmark(step.name);
      await step.run({ verbose });
      markDone(step.name, hash);
      console.error(`set-up: ${step.title} took ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
  });
}
