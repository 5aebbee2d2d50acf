/** Verifies a lap of wakes: every wake woke, none before it was due, each once and in its order. */
import { Mismatch } from './mismatch.js';

/** How long each took, in nanoseconds. */
export function latencies(wakingNs: Float64Array, wokenNs: readonly number[]): Float64Array {
  if (wokenNs.length !== wakingNs.length) {
    throw new Mismatch(`${wakingNs.length} times the waiter was to wake, ${wokenNs.length} times it did`);
  }
  return wakingNs.map((waking, i) => {
    if (!(wokenNs[i] >= waking)) throw new Mismatch(`wake ${i} was at ${wokenNs[i]}, but was only made at ${waking}`);
    if (i > 0 && !(waking >= wokenNs[i - 1])) {
      throw new Mismatch(`wake ${i} was made at ${waking}, when the waiter had not yet run for the one before`);
    }
    return wokenNs[i] - waking;
  });
}
