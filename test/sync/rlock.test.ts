// RLock: who owns it, and who does not.
import { AsyncResource } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';

import { ClosedError, NotOwnerError, StateError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { RLock } from '../../lib/sync/rlock.js';
import { expectFailure, failureOf } from '../memory/failures.js';
import { fixture, startThread } from './thread.js';

/** Runs outside of every with() that is under way. */
const outside = new AsyncResource('outside');

describe('the thread', () => {
  test('takes it several times, and gives it as often', async () => {
    using lock = new RLock();
    expect(lock.depth).toBe(0);
    expect(lock.acquireSync()).toBe(true);
    expect(lock.tryAcquire()).toBe(true);
    expect(lock.acquireSync({ timeout: 0 })).toBe(true);
    expect(lock.depth).toBe(3);
    for (const depth of [2, 1, 0]) {
      expect(lock.locked()).toBe(true);
      lock.release();
      expect(lock.depth).toBe(depth);
    }
    expect(lock.locked()).toBe(false);
    const failure = await expectFailure(() => lock.release(), NotOwnerError, 'ERR_PROCLOOM_NOT_OWNER');
    expect(failure).toBeInstanceOf(StateError);
    expect(failure.message).toMatch(/Release it where it was acquired, once for each acquire/);
  });

  test('nests withSync and guardSync', () => {
    using lock = new RLock();
    const depths = lock.withSync(() => lock.withSync(() => [lock.depth, lock.guardSync().abandoned, lock.depth]));
    expect(depths).toEqual([2, false, 3]);
    lock.release();
    expect(lock.depth).toBe(0);
  });

  test('owns it from wherever it runs', async () => {
    using lock = new RLock();
    lock.acquireSync();
    await sleep(1);
    expect(lock.acquireSync()).toBe(true);
    outside.runInAsyncScope(() => lock.release());
    lock.release();
    expect(lock.locked()).toBe(false);
  });

  test('does not give an awaited acquire what it holds', async () => {
    using lock = new RLock();
    lock.acquireSync();
    expect(await lock.acquire({ timeout: 0 })).toBe(false);
    expect(await lock.acquire({ timeout: 5 })).toBe(false);
    const waiting = lock.acquire();
    const inside = lock.with(() => lock.depth);
    lock.release();
    expect(await waiting).toBe(true);
    lock.release();
    expect(await inside).toBe(1);
  });

  test('owns it by every handle of the same lock', () => {
    using queue = new Queue<RLock>();
    using lock = new RLock();
    queue.putSync(lock);
    using other = queue.getSync();
    lock.acquireSync();
    expect(other.depth).toBe(1);
    expect(other.tryAcquire()).toBe(true);
    expect(lock.depth).toBe(2);
    lock.release();
    other.release();
    expect(lock.locked()).toBe(false);
  });
});

describe('with()', () => {
  test('nests, awaited and blocking, however deep', async () => {
    using lock = new RLock();
    const depths = await lock.with(async () => {
      const seen = [lock.depth];
      await lock.with(async () => {
        seen.push(lock.depth);
        await sleep(1);
        lock.withSync(() => seen.push(lock.depth));
        expect(lock.tryAcquire()).toBe(true);
        expect(lock.acquireSync()).toBe(true);
        expect(await lock.acquire()).toBe(true);
        seen.push(lock.depth);
        const guard = await lock.guard();
        seen.push(lock.depth);
        guard.release();
        for (let i = 0; i < 3; i++) lock.release();
        seen.push(lock.depth);
      });
      await Promise.all([1, 2, 3].map(() => lock.with(() => sleep(1))));
      seen.push(lock.depth);
      return seen;
    });
    expect(depths).toEqual([1, 2, 3, 5, 6, 2, 1]);
    expect(lock.locked()).toBe(false);
  });

  test('nests with another lock between', async () => {
    using outer = new RLock();
    using inner = new RLock();
    const depths = await outer.with(() =>
      inner.with(() => outer.with(() => inner.with(() => [outer.depth, inner.depth]))),
    );
    expect(depths).toEqual([2, 2]);
    expect([outer.locked(), inner.locked()]).toEqual([false, false]);
  });

  test('lets go as deep as it was when a function throws', async () => {
    using lock = new RLock();
    const wrong = new Error('wrong');
    await lock.with(async () => {
      expect(await failureOf(() => lock.with(() => Promise.reject(wrong)))).toBe(wrong);
      expect(lock.depth).toBe(1);
    });
    expect(lock.locked()).toBe(false);
  });

  test('a function that runs beside it does not nest', async () => {
    using lock = new RLock();
    const order: string[] = [];
    await lock.with(async () => {
      const beside = outside.runInAsyncScope(() => {
        expect(lock.depth).toBe(0);
        expect(lock.tryAcquire()).toBe(false);
        expect(lock.acquireSync({ timeout: 1 })).toBe(false);
        expect(() => lock.release()).toThrow(NotOwnerError);
        return Promise.all([
          lock.with(() => order.push('beside')),
          lock.acquire({ timeout: 0 }).then((taken) => expect(taken).toBe(false)),
        ]);
      });
      await sleep(5);
      order.push('inside');
      outside.runInAsyncScope(() => beside.catch(() => {}));
      expect(lock.depth).toBe(1);
    });
    await lock.with(() => order.push('after'));
    expect(order).toEqual(['inside', 'beside', 'after']);
  });

  test('two that are begun side by side exclude each other', async () => {
    using lock = new RLock();
    let inside = 0;
    const job = async () => {
      expect(++inside).toBe(1);
      await sleep(1);
      await lock.with(() => sleep(1));
      inside--;
    };
    await Promise.all([lock.with(job), lock.with(job), lock.with(job)]);
    expect(inside).toBe(0);
  });

  test('what goes on after it has ended is outside', async () => {
    using lock = new RLock();
    let proceed!: () => void;
    const ended = new Promise<void>((resolve) => (proceed = resolve));
    let detached!: Promise<unknown>;
    await lock.with(() => {
      detached = (async () => {
        await ended;
        expect(lock.depth).toBe(0);
        expect(await lock.acquire()).toBe(true);
        // An owner of its own: it does not nest, and anyone may release it.
        expect(await lock.acquire({ timeout: 0 })).toBe(false);
        expect(lock.tryAcquire()).toBe(false);
      })();
    });
    proceed();
    await detached;
    outside.runInAsyncScope(() => lock.release());
    expect(lock.locked()).toBe(false);
  });

  test('what is aborted or wrong is refused inside, too', async () => {
    using lock = new RLock();
    const reason = new Error('no more');
    const signal = AbortSignal.abort(reason);
    await lock.with(async () => {
      expect(await failureOf(() => lock.acquire({ signal }))).toBe(reason);
      expect(await failureOf(() => lock.with(() => 1, { signal }))).toBe(reason);
      await expect(lock.acquire({ timeout: NaN })).rejects.toThrow(RangeError);
      await expect(lock.with(() => 1, { timeout: NaN })).rejects.toThrow(RangeError);
      expect(() => lock.acquireSync({ timeout: NaN })).toThrow(RangeError);
      expect(lock.depth).toBe(1);
    });
    expect(lock.locked()).toBe(false);
  });
});

describe('an awaited acquire or guard', () => {
  test('is an owner of its own: it does not nest', async () => {
    using lock = new RLock();
    for (const take of [() => lock.acquire(), () => lock.guard()]) {
      await take();
      expect(lock.depth).toBe(1);
      expect(await lock.acquire({ timeout: 0 })).toBe(false);
      expect(lock.tryAcquire()).toBe(false);
      expect(lock.acquireSync({ timeout: 1 })).toBe(false);
      await expect(lock.with(() => 1, { timeout: 1 })).rejects.toThrow(/passed before/);
      lock.release();
      expect(lock.depth).toBe(0);
    }
  });

  test('inside a with() of another lock is still one of its own', async () => {
    using around = new RLock();
    using lock = new RLock();
    await around.with(async () => {
      await lock.acquire();
      expect(await lock.acquire({ timeout: 0 })).toBe(false);
      lock.release();
    });
    expect(lock.locked()).toBe(false);
  });
});

describe("a blocking acquire that only this thread's loop could end", () => {
  const remedy = /held by something else in this thread.*Await acquire\(\) or with\(\), or give a timeout\./;

  test('throws instead: held by an awaited acquire', async () => {
    using lock = new RLock();
    await lock.acquire();
    for (const call of [
      () => lock.acquireSync(),
      () => lock.acquireSync({ timeout: Infinity }),
      () => lock.withSync(() => 1),
      () => lock.guardSync(),
    ]) {
      expect((await expectFailure(call, StateError, 'ERR_PROCLOOM_STATE')).message).toMatch(remedy);
    }
    lock.release();
  });

  test('throws instead: held by an acquire that nobody has awaited yet', async () => {
    using lock = new RLock();
    const taken = lock.acquire();
    await expectFailure(() => lock.acquireSync(), StateError, 'ERR_PROCLOOM_STATE');
    expect(await taken).toBe(true);
    lock.release();
  });

  test('throws instead: held by a with() beside', async () => {
    using lock = new RLock();
    await lock.with(async () => {
      await outside.runInAsyncScope(() => expectFailure(() => lock.acquireSync(), StateError, 'ERR_PROCLOOM_STATE'));
    });
    expect(lock.locked()).toBe(false);
  });

  test('waits for another thread or process', async () => {
    using lock = new RLock();
    using told = new Queue<string>();
    using end = new Queue<string>();
    const thread = startThread('holdAWhile', lock, told, end);
    expect(await told.get()).toBe('held');
    expect(lock.acquireSync({ timeout: 1 })).toBe(false);
    expect(() => lock.release()).toThrow(NotOwnerError);
    end.putSync('end');
    expect(lock.acquireSync()).toBe(true);
    lock.release();
    await thread.ended;
  });
});

test('another process neither nests nor releases', async () => {
  using lock = new RLock();
  using queue = new Queue<unknown>();
  lock.acquireSync();
  const child = new Process({ target: fixture('tryAll'), args: [lock, queue] }).start();
  expect(await child.join()).toBe(0);
  expect(queue.getNowait()).toEqual([false, false, 0, 'ERR_PROCLOOM_NOT_OWNER']);
  lock.release();
});

test('close() while it is held leaves it to the other handles', async () => {
  using queue = new Queue<RLock>();
  const lock = new RLock();
  queue.putSync(lock);
  using other = queue.getSync();
  lock.acquireSync();
  lock.close();
  await expectFailure(() => lock.release(), ClosedError, 'ERR_PROCLOOM_CLOSED');
  await expectFailure(() => lock.acquireSync(), ClosedError, 'ERR_PROCLOOM_CLOSED');
  expect(other.depth).toBe(1);
  other.release();
  expect(other.locked()).toBe(false);
});
