// Semaphore and BoundedSemaphore: how many permits there are.
import { describe, expect, test } from 'vitest';

import { SegmentError, StateError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { BoundedSemaphore, Semaphore } from '../../lib/sync/semaphore.js';
import { expectFailure, expectInvalid } from '../memory/failures.js';
import { atWork, fixture, startThread } from './thread.js';

const MOST = 2 ** 31 - 1;

describe.each([
  ['Semaphore', Semaphore],
  ['BoundedSemaphore', BoundedSemaphore],
])('%s', (_name, SemaphoreClass) => {
  test('counts', () => {
    using semaphore = new SemaphoreClass(2);
    expect(semaphore.getValue()).toBe(2);
    expect(semaphore.acquireSync()).toBe(true);
    expect(semaphore.getValue()).toBe(1);
    expect(semaphore.locked()).toBe(false);
    expect(semaphore.tryAcquire()).toBe(true);
    expect(semaphore.getValue()).toBe(0);
    expect(semaphore.locked()).toBe(true);
    expect(semaphore.tryAcquire()).toBe(false);
    expect(semaphore.acquireSync({ timeout: 1 })).toBe(false);
    semaphore.release();
    expect(semaphore.getValue()).toBe(1);
    semaphore.release();
    expect(semaphore.getValue()).toBe(2);
  });

  test('begins with 1 without a value, and with the value given', () => {
    for (const [value, expected] of [
      [undefined, 1],
      [0, 0],
      [MOST, MOST],
    ] as const) {
      using semaphore = new SemaphoreClass(value);
      expect(semaphore.getValue()).toBe(expected);
    }
  });

  test('refuses what is no value, and what is no number of permits', async () => {
    for (const value of [-1, 0.5, NaN, Infinity, MOST + 1]) {
      await expectInvalid(() => new SemaphoreClass(value), RangeError, /value must be an integer from 0 to 2147483647/);
    }
    for (const value of ['1', null, {}, 1n] as never[]) {
      await expectInvalid(() => new SemaphoreClass(value), TypeError, /value must be an integer/);
    }
    for (const options of [null, 5, 'name'] as never[]) {
      await expectInvalid(() => new SemaphoreClass(1, options), TypeError, /options must be an object/);
    }
    using semaphore = new SemaphoreClass(1);
    for (const n of [0, -1, 1.5, NaN, MOST + 1]) {
      await expectInvalid(() => semaphore.release(n), RangeError, /n must be an integer from 1 to 2147483647/);
    }
    for (const n of ['1', null, {}] as never[]) {
      await expectInvalid(() => semaphore.release(n), TypeError, /n must be an integer/);
    }
    expect(semaphore.getValue()).toBe(1);
  });

  test('release(n) lets n in, in their order', async () => {
    using semaphore = new SemaphoreClass(5);
    for (let i = 0; i < 5; i++) semaphore.acquireSync();
    const order: number[] = [];
    const waits = Array.from({ length: 5 }, (_, i) => semaphore.acquire().then(() => order.push(i)));
    semaphore.release(3);
    await Promise.all(waits.slice(0, 3));
    expect(order).toEqual([0, 1, 2]);
    semaphore.release(2);
    await Promise.all(waits);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(semaphore.getValue()).toBe(0);
  });

  test('release(n) lets in who waits blocking, elsewhere', async () => {
    using semaphore = new SemaphoreClass(4);
    for (let i = 0; i < 4; i++) semaphore.acquireSync();
    const children = [1, 2].map(() => new Process({ target: fixture('passOnce'), args: [semaphore] }).start());
    const threads = [1, 2].map(() => startThread('passOnce', semaphore).ended);
    semaphore.release(4);
    await Promise.all([...threads, ...children.map((child) => child.join())]);
    expect(children.map(({ exitcode }) => exitcode)).toEqual([0, 0]);
    expect(semaphore.getValue()).toBe(0);
  });
});

test('a Semaphore may grow beyond its first value, up to the most there are', async () => {
  using semaphore = new Semaphore(1);
  semaphore.release();
  semaphore.release(5);
  expect(semaphore.getValue()).toBe(7);
  semaphore.release(MOST - 7);
  expect(semaphore.getValue()).toBe(MOST);
  await expectFailure(() => semaphore.release(), StateError, 'ERR_PROCLOOM_OVERFLOW');
  await expectFailure(() => semaphore.release(MOST), StateError, 'ERR_PROCLOOM_OVERFLOW');
  expect(semaphore.getValue()).toBe(MOST);
});

test('a BoundedSemaphore refuses a release too many, and then gives nothing', async () => {
  using semaphore = new BoundedSemaphore(2);
  const failure = await expectFailure(() => semaphore.release(), StateError, 'ERR_PROCLOOM_OVERFLOW');
  expect(failure.message).toMatch(/semaphore\.release\(\): its value would pass its maximum\. Call release\(\) once/);
  semaphore.acquireSync();
  await expectFailure(() => semaphore.release(2), StateError, 'ERR_PROCLOOM_OVERFLOW');
  expect(semaphore.getValue()).toBe(1);
  semaphore.release();
  expect(semaphore.getValue()).toBe(2);
  using none = new BoundedSemaphore(0);
  await expectFailure(() => none.release(), StateError, 'ERR_PROCLOOM_OVERFLOW');
});

describe.each([
  ['Semaphore', Semaphore],
  ['BoundedSemaphore', BoundedSemaphore],
])('%s with owned permits', (_name, SemaphoreClass) => {
  test('counts, and never passes its beginning', async () => {
    using semaphore = new SemaphoreClass(2, { owned: true });
    expect(semaphore.acquireSync()).toBe(true);
    expect(await semaphore.acquire()).toBe(true);
    expect(semaphore.tryAcquire()).toBe(false);
    expect(semaphore.acquireSync({ timeout: 1 })).toBe(false);
    expect(await semaphore.acquire({ timeout: 1 })).toBe(false);
    expect(semaphore.getValue()).toBe(0);
    expect(semaphore.locked()).toBe(true);
    semaphore.release(2);
    expect(semaphore.getValue()).toBe(2);
    const none = await expectFailure(() => semaphore.release(), StateError, 'ERR_PROCLOOM_STATE');
    expect(none.message).toMatch(/permits are owned, and this thread holds none/);
    expect(semaphore.acquireSync()).toBe(true);
    const fewer = await expectFailure(() => semaphore.release(2), StateError, 'ERR_PROCLOOM_STATE');
    expect(fewer.message).toMatch(/holds fewer than 2 of them/);
    expect(semaphore.getValue()).toBe(1);
    semaphore.release();
  });

  test('a pending wait gets what is released', async () => {
    using semaphore = new SemaphoreClass(1, { owned: true });
    semaphore.acquireSync();
    const waits = [semaphore.acquire(), semaphore.acquire()];
    semaphore.release();
    expect(await waits[0]).toBe(true);
    semaphore.release();
    expect(await waits[1]).toBe(true);
    semaphore.release();
  });

  test('what another thread took it cannot release', async () => {
    using semaphore = new SemaphoreClass(1, { owned: true });
    semaphore.acquireSync();
    using told = new Queue<string>();
    await atWork('releaseTelling', semaphore, told);
    expect(await told.get()).toBe('ERR_PROCLOOM_STATE');
    expect(semaphore.getValue()).toBe(0);
    semaphore.release();
  });

  test('the permits of a thread that ends come back', async () => {
    using semaphore = new SemaphoreClass(3, { owned: true });
    semaphore.acquireSync();
    await atWork('acquireTimes', semaphore, 2);
    expect(await semaphore.acquire()).toBe(true);
    expect(semaphore.getValue()).toBe(1);
    semaphore.release(2);
  });

  test.each(['blocking', 'awaited'])('the permits of a killed process come back to one that waits, %s', async (how) => {
    using semaphore = new SemaphoreClass(2, { owned: true });
    using ready = new Semaphore(0);
    const holder = new Process({ target: fixture('holdPermits'), args: [semaphore, 2, ready] });
    holder.start();
    await ready.acquire();
    expect(semaphore.tryAcquire()).toBe(false);
    const killed = setTimeout(() => holder.kill(), 20);
    if (how === 'awaited') {
      expect(await semaphore.acquire()).toBe(true);
    } else {
      clearTimeout(killed);
      holder.kill();
      expect(semaphore.acquireSync()).toBe(true);
    }
    await holder.join();
    expect(semaphore.getValue()).toBe(1);
    semaphore.release();
  });

  test('with a name: it must be owned for all', async () => {
    const name = `owned-${process.pid}`;
    using semaphore = new SemaphoreClass(2, { name, owned: true });
    using again = new SemaphoreClass(2, { name, owned: true });
    again.acquireSync();
    expect(semaphore.getValue()).toBe(1);
    again.release();
    for (const make of [
      () => new SemaphoreClass(2, { name }),
      () => new SemaphoreClass(3, { name, owned: true }),
      () => new (SemaphoreClass === Semaphore ? BoundedSemaphore : Semaphore)(2, { name, owned: true }),
    ]) {
      const failure = await expectFailure(make, SegmentError, 'ERR_PROCLOOM_SEGMENT_MISMATCH');
      expect(failure.message).toContain(name);
    }
    semaphore.unlink();
  });
});

test('owned is true or false', async () => {
  expect.hasAssertions();
  await expectInvalid(() => new Semaphore(1, { owned: 1 } as never), TypeError, /owned must be true or false/);
});
