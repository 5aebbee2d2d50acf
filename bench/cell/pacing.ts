/**
 * How many messages a lap has, and how many laps a cell: enough to warm up and to be long beside the start of a lap,
 * never more than the time allows. python/laps.py does the same, with the same numbers.
 */
import { nowNs } from './clock.js';

/** A slow transport does at least this many messages in a lap, and where laps are shorter, in as many as that takes. */
const FIRST_COUNT = 4;
const GROWTH = 4;
/** A lap of this length needs not grow. */
const LAP_NS = 20e6;
/** The share of the cell's time that warming up takes at least. */
const WARM_SHARE = 0.4;

export interface Paced {
  messages: number;
  ns: number;
  laps: number;
}

/**
 * Calls `lap(first, count, timed)`, which returns the lap's time, until the time is used up: growing laps to warm up,
 * then equal ones that count. Each lap begins in the circle of data where the one before ended.
 */
export async function paceLaps(
  lapLimit: number,
  seconds: number,
  lap: (first: number, count: number, timed: boolean) => Promise<number>,
  clock: () => number = nowNs,
): Promise<Paced> {
  let first = 0;
  let count = Math.min(FIRST_COUNT, lapLimit);
  const warmUntilNs = clock() + seconds * WARM_SHARE * 1e9;
  for (;;) {
    const ns = await lap(first, count, false);
    first += count;
    if (first < FIRST_COUNT) continue;
    const long = ns >= LAP_NS || count === lapLimit;
    if (long && clock() >= warmUntilNs) break;
    if (long && ns >= seconds * 1e9) break;
    if (!long) count = Math.min(count * GROWTH, lapLimit);
  }

  const paced: Paced = { messages: 0, ns: 0, laps: 0 };
  const endNs = clock() + seconds * 1e9;
  do {
    paced.ns += await lap(first, count, true);
    paced.messages += count;
    paced.laps += 1;
    first += count;
  } while (clock() < endNs);
  return paced;
}
