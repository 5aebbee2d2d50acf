// Conditions between several processes, and between several threads, blocking and awaited.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';

import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Condition } from '../../lib/sync/condition.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { worlds } from './world.js';

/** What a test needs to watch those who wait. */
class Scene {
  readonly lock: Lock;
  readonly condition: Condition;
  readonly waiting = new Value('i', 0, { lock: false });
  readonly results = new Queue<boolean>();

  constructor(lock: Lock) {
    this.lock = lock;
    this.condition = new Condition(lock);
  }

  /** Resolves when so many wait. */
  async allWait(count: number): Promise<void> {
    while ((await this.condition.with(() => this.waiting.value)) < count) await sleep(1);
  }

  async came(count: number): Promise<boolean[]> {
    const results: boolean[] = [];
    while (results.length < count) results.push(await this.results.get());
    return results;
  }

  /** Nobody comes, for longer than it takes to look again for what may have been lost. */
  async nobodyComes(): Promise<void> {
    await sleep(150);
    expect(this.results.empty()).toBe(true);
  }

  [Symbol.dispose](): void {
    for (const object of [this.condition, this.lock, this.waiting, this.results]) object.close();
  }
}

describe.each(worlds)('%s', (_world, start) => {
  describe.each<[string, () => Lock]>([
    ['over a Lock', () => new Lock()],
    ['over an RLock', () => new RLock()],
  ])('%s', (_name, make) => {
    test('one notify() tells exactly one', async () => {
      using scene = new Scene(make());
      const { condition, waiting, results } = scene;
      const waiters = ['waitOnce', 'waitOnceSync'].map((job) => start(job, condition, waiting, results));
      await scene.allWait(2);
      for (const left of [1, 0]) {
        await condition.with(() => condition.notify());
        expect(await scene.came(1)).toEqual([true]);
        if (left > 0) await scene.nobodyComes();
      }
      await Promise.all(waiters);
    });

    test('notify(n) tells exactly n, of one loop and of several', async () => {
      using scene = new Scene(make());
      const { condition, waiting, results } = scene;
      const jobs = ['waitThrice', 'waitOnce', 'waitOnceSync', 'waitOnceSync'];
      const waiters = jobs.map((job) => start(job, condition, waiting, results));
      await scene.allWait(6);
      for (const [n, told] of [
        [1, 1],
        [4, 4],
        [3, 1],
      ] as const) {
        await condition.with(() => condition.notify(n));
        expect(await scene.came(told)).toEqual(Array(told).fill(true));
        if (n < 3) await scene.nobodyComes();
      }
      await Promise.all(waiters);
    });

    test('all time out, then all are told by notifyAll()', async () => {
      using scene = new Scene(make());
      const { condition, waiting, results } = scene;
      const jobs = ['waitThrice', 'waitOnce', 'waitOnceSync', 'waitOnceSync'];
      const impatient = jobs.map((job) => start(job, condition, waiting, results, 20));
      expect(await scene.came(6)).toEqual(Array(6).fill(false));
      await Promise.all(impatient);
      waiting.value = 0;
      const patient = jobs.map((job) => start(job, condition, waiting, results));
      await scene.allWait(6);
      await condition.with(() => condition.notifyAll());
      expect(await scene.came(6)).toEqual(Array(6).fill(true));
      await Promise.all(patient);
    });
  });

  test('waitFor sees what others do', async () => {
    using condition = new Condition();
    using state = new Value('i', 0, { lock: false });
    using results = new Queue<unknown>();
    const waiters = ['waitFor', 'waitForSync'].map((job) => start(job, condition, state, 50, results));
    await start('stepTo', condition, state, 50);
    const here = await condition.with(() => condition.waitFor(() => state.value === 50));
    await Promise.all(waiters);
    expect([here, results.getSync(), results.getSync()]).toEqual([true, 'found', 'found']);
  });

  test('three take turns', async () => {
    using condition = new Condition();
    using state = new Value('i', 0, { lock: false });
    const jobs = ['takeTurnsSync', 'takeTurns', 'takeTurnsSync'];
    await Promise.all(jobs.map((job, me) => start(job, condition, state, me, 3, 300)));
    expect(state.value).toBe(900);
  });

  test('a bounded buffer: nothing is lost, nothing comes twice', async () => {
    using lock = new Lock();
    using notFull = new Condition(lock);
    using notEmpty = new Condition(lock);
    using buffer = new SharedArray('i', 4, { lock: false });
    using results = new Queue<number[]>();
    const conditions = { notFull, notEmpty };
    const each = 1_500;
    await Promise.all([
      start('fillBufferSync', conditions, buffer, 0, each),
      start('fillBuffer', conditions, buffer, each, each),
      start('emptyBufferSync', conditions, buffer, each, results),
      start('emptyBuffer', conditions, buffer, each, results),
    ]);
    const got = [...results.getSync(), ...results.getSync()].toSorted((a, b) => a - b);
    expect(got).toEqual(Array.from({ length: 2 * each }, (_, i) => i));
    expect([buffer.get(0), lock.locked()]).toEqual([0, false]);
  });
});
