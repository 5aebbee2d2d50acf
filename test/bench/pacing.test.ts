import { describe, expect, it } from 'vitest';

import { paceLaps } from '../../bench/cell/pacing.js';

/** Notes the laps; each takes `nsEach` a message, on a clock of its own. */
function recorder(nsEach: number) {
  const laps: Array<{ first: number; count: number; timed: boolean }> = [];
  let ns = 0;
  const lap = async (first: number, count: number, timed: boolean) => {
    laps.push({ first, count, timed });
    ns += count * nsEach;
    return count * nsEach;
  };
  return { laps, lap, clock: () => ns };
}

describe('paceLaps', () => {
  it('grows the laps until they are long enough, and counts the timed ones only', async () => {
    const { laps, lap, clock } = recorder(10_000);
    const paced = await paceLaps(1_000_000, 0.02, lap, clock);
    expect(laps.map(({ count }) => count).slice(0, 7)).toEqual([4, 16, 64, 256, 1024, 4096, 4096]);
    const timed = laps.filter((one) => one.timed);
    expect(new Set(timed.map(({ count }) => count))).toEqual(new Set([4096]));
    expect(paced).toEqual({ messages: timed.length * 4096, ns: timed.length * 40_960_000, laps: timed.length });
  });

  it('never makes a lap longer than its limit', async () => {
    const { laps, lap, clock } = recorder(1000);
    await paceLaps(100, 0.02, lap, clock);
    expect(Math.max(...laps.map(({ count }) => count))).toBe(100);
  });

  it('warms up with four messages, however few a lap has', async () => {
    const { laps, lap, clock } = recorder(300_000_000);
    await paceLaps(1, 0.001, lap, clock);
    expect(laps.map(({ count, timed }) => [count, timed])).toEqual([
      ...Array.from({ length: 4 }, () => [1, false]),
      [1, true],
    ]);
  });

  it('measures a transport that is too slow for its time once', async () => {
    const { laps, lap, clock } = recorder(300_000_000);
    const paced = await paceLaps(32, 0.001, lap, clock);
    expect(laps.map(({ count, timed }) => [count, timed])).toEqual([
      [4, false],
      [4, true],
    ]);
    expect(paced.messages).toBe(4);
  });

  it('begins each lap where the one before ended', async () => {
    const { laps, lap, clock } = recorder(1000);
    await paceLaps(512, 0.02, lap, clock);
    let place = 0;
    for (const { first, count } of laps) {
      expect(first).toBe(place);
      place += count;
    }
  });
});
