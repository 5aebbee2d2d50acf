// The garbage collector, which comes when it likes.
import { until } from '../process/program.js';

/** Collects until it holds, or the watchdog of the test strikes. */
export function untilCollected(holds: () => boolean): Promise<void> {
  return until(() => {
    globalThis.gc!();
    return holds();
  });
}

/** Until something that nobody could reach has been collected, and what else nobody could reach then with it. */
export async function collectOnce(): Promise<void> {
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  registry.register({}, undefined);
  await untilCollected(() => collected > 0);
}
