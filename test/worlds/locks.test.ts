// Locks, semaphores and pipes between several processes, and between several threads, blocking and awaited.
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { Semaphore } from '../../lib/sync/semaphore.js';
import { worlds } from './world.js';

describe.each(worlds)('%s', (_world, start) => {
  test.each<[string, () => Lock]>([
    ['Lock', () => new Lock()],
    ['RLock', () => new RLock()],
  ])('%s: what it guards is never seen half done', async (_name, make) => {
    using lock = make();
    using array = new SharedArray('i', 64, { lock });
    const jobs = ['fillSync', 'fill', 'fillWith', 'fillTrying'];
    await Promise.all(jobs.map((job, n) => start(job, array, n + 1, 2_000)));
    expect(lock.locked()).toBe(false);
    expect(new Set(array.toArray()).size).toBe(1);
  });

  test('no waiter starves', async () => {
    using lock = new Lock();
    using counts = new SharedArray('i', 3, { lock: false });
    using stop = new Value('?', false);
    // Two that take it again and again, as fast as they can, and one that must get it a hundred times.
    await Promise.all([
      start('takeUntil', lock, counts, 0, stop, 0),
      start('takeUntil', lock, counts, 1, stop, 0),
      start('takeUntil', lock, counts, 2, stop, 100),
    ]);
    expect(counts.get(2)).toBeGreaterThanOrEqual(100);
  });

  test('a baton of semaphores goes round, blocking and awaited', async () => {
    const semaphores = [0, 1, 2].map(() => new Semaphore(0));
    using log = new Queue<number>();
    const runners = ['runSync', 'run', 'runSync'].map((job, n) => start(job, semaphores, n, log, 500));
    semaphores[0]!.release();
    await Promise.all(runners);
    for (let i = 0; i < 1_500; i++) expect(log.getSync()).toBe(i % 3);
    for (const semaphore of semaphores) semaphore.close();
  });

  test('a pipe carries both ways at once', async () => {
    const [near, far] = Pipe({ capacity: 4096 });
    await Promise.all([start('talk', near, 3_000), start('talkSync', far, 3_000)]);
    expect(near.pollSync()).toBe(false);
    near.close();
    far.close();
  });

  test('shareables that are handed on and on', async () => {
    const queues = [0, 1, 2].map(() => new Queue<unknown>());
    using value = new Value('i', 0);
    const passers = [0, 1].map((n) => start('passOn', queues[n], queues[n + 1], 300));
    for (let i = 0; i < 300; i++) queues[0]!.putSync({ i, value, made: new Value('i', i) });
    await Promise.all(passers);
    for (let i = 0; i < 300; i++) {
      const got = queues[2]!.getSync() as { i: number; value: Value<'i'>; made: Value<'i'> };
      expect([got.i, got.made.value]).toEqual([i, i + 2]);
      got.value.close();
      got.made.close();
    }
    expect(value.value).toBe(600);
    for (const queue of queues) queue.close();
  });
});
