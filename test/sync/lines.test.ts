// Many promises that wait for one object: their order, their number, and those that leave early.
import { describe, expect, test } from 'vitest';

import { ClosedError, Empty } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { Semaphore } from '../../lib/sync/semaphore.js';

describe.each([
  ['Lock', () => new Lock()],
  ['RLock', () => new RLock()],
  ['Semaphore', () => new Semaphore(1)],
])('%s', (_name, make) => {
  test('the waits of one thread are served in the order in which they came', async () => {
    using object = make();
    await object.acquire();
    const order: number[] = [];
    const waits = Array.from({ length: 100 }, async (_, i) => {
      await object.acquire();
      order.push(i);
      object.release();
    });
    object.release();
    await Promise.all(waits);
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('who gives up in the middle of the line holds nobody up', async () => {
    using object = make();
    await object.acquire();
    const served: number[] = [];
    const controllers = Array.from({ length: 30 }, () => new AbortController());
    const waits = controllers.map(async ({ signal }, i) => {
      if (!(await object.acquire(i % 3 === 1 ? { timeout: 1 } : { signal }))) return 'timed out';
      served.push(i);
      object.release();
      return 'served';
    });
    const ended = Promise.allSettled(waits);
    const timedOut = await Promise.all(waits.filter((_, i) => i % 3 === 1));
    expect(timedOut).toEqual(Array<string>(10).fill('timed out'));
    for (const [i, controller] of controllers.entries()) if (i % 3 === 2) controller.abort();
    object.release();
    const outcomes = (await ended).map(({ status }) => status);
    expect(outcomes.filter((status) => status === 'rejected').length).toBe(10);
    expect(served).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
    expect(object.locked()).toBe(false);
  });

  test('10 000 wait', async () => {
    using object = make();
    using shared = { value: 0, [Symbol.dispose]() {} };
    await object.acquire();
    const waits = Array.from({ length: 10_000 }, () =>
      object.with(async () => {
        const before = shared.value;
        await Promise.resolve();
        shared.value = before + 1;
      }),
    );
    object.release();
    await Promise.all(waits);
    expect(shared.value).toBe(10_000);
    expect(object.locked()).toBe(false);
  });

  test('10 000 waits end with close()', async () => {
    const object = make();
    await object.acquire();
    const waits = Array.from({ length: 10_000 }, () => object.acquire());
    const ended = Promise.allSettled(waits);
    object.release();
    object.close();
    const outcomes = await ended;
    const [first, ...others] = outcomes;
    // The first may have been given it before the close.
    expect(['fulfilled', 'rejected']).toContain(first!.status);
    expect(others.every((o) => o.status === 'rejected' && o.reason instanceof ClosedError)).toBe(true);
  });

  test('10 000 waits with one signal end with it, without a warning', async () => {
    using object = make();
    await object.acquire();
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const controller = new AbortController();
    const ended = Promise.allSettled(
      Array.from({ length: 10_000 }, () => object.acquire({ signal: controller.signal })),
    );
    controller.abort('enough');
    expect((await ended).every((o) => o.status === 'rejected' && o.reason === 'enough')).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
    object.release();
    expect(object.tryAcquire()).toBe(true);
    object.release();
  });
});

test('10 000 wait for a queue and get its items in order', async () => {
  using queue = new Queue<number>();
  const waits = Array.from({ length: 10_000 }, () => queue.get());
  for (let i = 0; i < 10_000; i++) queue.putSync(i);
  expect(await Promise.all(waits)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
});

test('10 000 wait for room and keep their order', async () => {
  using queue = new Queue<number>(1);
  const puts = Array.from({ length: 10_000 }, (_, i) => queue.put(i));
  for (let i = 0; i < 10_000; i++) expect(await queue.get()).toBe(i);
  await Promise.all(puts);
});

test('waits for thousands of objects at once', async () => {
  const semaphores = Array.from({ length: 3_000 }, () => new Semaphore(0));
  const waits = semaphores.map((semaphore, i) => semaphore.acquire().then(() => i));
  for (const semaphore of semaphores) semaphore.release();
  expect(await Promise.all(waits)).toEqual(semaphores.map((_, i) => i));
  for (const semaphore of semaphores) semaphore.close();
});

test('timeouts of different length end in the order of their deadlines', async () => {
  using queue = new Queue();
  const ended: { earliest: number; latest: number }[] = [];
  const waits = [60, 20, 40, 1000, 200].map(async (timeout) => {
    // This thread may be kept waiting between two of them: then their deadlines are others than their lengths say.
    const earliest = performance.now() + timeout;
    const wait = queue.get({ timeout });
    const latest = performance.now() + timeout;
    await expect(wait).rejects.toThrow(Empty);
    ended.push({ earliest, latest });
  });
  await Promise.all(waits);
  expect(ended).toHaveLength(waits.length);
  // Timers count in milliseconds.
  for (const [i, { earliest }] of ended.entries()) {
    for (const later of ended.slice(i + 1)) expect(earliest).toBeLessThanOrEqual(later.latest + 1);
  }
});
