// Nothing that several processes or threads add up gets lost.
import { describe, expect, test } from 'vitest';

import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Lock } from '../../lib/sync/lock.js';
import { Semaphore } from '../../lib/sync/semaphore.js';
import { worlds } from './world.js';

describe.each(worlds)('%s', (_world, start) => {
  test('2 × 1 000 000 value.add(1)', async () => {
    using value = new Value('i');
    await Promise.all([start('add', value, 1_000_000), start('add', value, 1_000_000)]);
    expect(value.value).toBe(2_000_000);
  });

  test('2 × 1 000 000 value.add(1n) of 64 bits', async () => {
    using value = new Value('q', 2n ** 40n, { lock: false });
    await Promise.all([start('addBig', value, 1_000_000), start('addBig', value, 1_000_000)]);
    expect(value.value).toBe(2n ** 40n + 2_000_000n);
  });

  test('2 × 1 000 000 Atomics.add() through a view that was sent', async () => {
    using array = new SharedArray('i', 4);
    const counter = array.view.subarray(2, 3);
    await Promise.all([start('addInView', counter, 1_000_000), start('addInView', counter, 1_000_000)]);
    expect(array.toArray()).toEqual([0, 0, 2_000_000, 0]);
  });

  test('2 × 200 000 value.value += 1 under its RLock, blocking', async () => {
    using value = new Value('i');
    await Promise.all([start('incrementSync', value, 200_000), start('incrementSync', value, 200_000)]);
    expect(value.value).toBe(400_000);
  });

  test('the same under a Lock, 3 × 100 000', async () => {
    using lock = new Lock();
    using value = new Value('d', 0, { lock });
    await Promise.all([1, 2, 3].map(() => start('incrementSync', value, 100_000)));
    expect(value.value).toBe(300_000);
  });

  test('awaited and blocking ones mixed', async () => {
    using value = new Value('i');
    await Promise.all([
      start('increment', value, 20_000),
      start('incrementSync', value, 50_000),
      start('increment', value, 20_000),
    ]);
    expect(value.value).toBe(90_000);
  });

  test('a semaphore of 2 lets 2 of 4 in at most', async () => {
    using semaphore = new Semaphore(2);
    using inside = new Value('i');
    using most = new Value('i');
    await Promise.all([1, 2, 3, 4].map(() => start('passPermits', semaphore, inside, most, 20_000)));
    expect(inside.value).toBe(0);
    expect(most.value).toBeLessThanOrEqual(2);
    expect(semaphore.getValue()).toBe(2);
  });
});
