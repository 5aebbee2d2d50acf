// What locks and semaphores have in common, in every bad moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';

import { ClosedError, TimeoutError } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import type { Acquirable } from '../../lib/sync/acquirable.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { BoundedSemaphore, Semaphore } from '../../lib/sync/semaphore.js';
import { expectFailure, expectInvalid, failureOf } from '../memory/failures.js';

/** The same object as another handle of this thread: what a queue gives back. */
function again<T extends Acquirable>(object: T): T {
  using queue = new Queue<T>();
  queue.putSync(object);
  return queue.getSync();
}

type Verb = (object: Acquirable, options?: object) => unknown;

/** The verbs that can wait, each as one that takes it. */
const awaiting: Record<string, Verb> = {
  acquire: (object, options) => object.acquire(options),
  with: (object, options) => object.with(() => 'ran', options),
  guard: (object, options) => object.guard(options),
};
const blocking: Record<string, Verb> = {
  acquireSync: (object, options) => object.acquireSync(options),
  withSync: (object, options) => object.withSync(() => 'ran', options),
  guardSync: (object, options) => object.guardSync(options),
};
const verbs = Object.entries({ ...awaiting, ...blocking });

describe.each<[string, () => Acquirable & { locked(): boolean }]>([
  ['Lock', () => new Lock()],
  ['RLock', () => new RLock()],
  ['Semaphore', () => new Semaphore(1)],
  ['BoundedSemaphore', () => new BoundedSemaphore(1)],
])('%s', (_name, make) => {
  test('is taken and given by any mix of the twins', async () => {
    using object = make();
    expect(object.locked()).toBe(false);
    for (const take of [
      () => object.acquire(),
      () => object.acquireSync(),
      () => object.tryAcquire(),
      () => object.acquire({ timeout: 0 }),
      () => object.acquireSync({ timeout: 0 }),
      () => object.acquire({ timeout: Infinity }),
      () => object.acquireSync({ timeout: Infinity }),
      () => object.acquire({ timeout: undefined }),
      () => object.acquireSync({}),
    ]) {
      expect(await take()).toBe(true);
      expect(object.locked()).toBe(true);
      object.release();
      expect(object.locked()).toBe(false);
    }
  });

  describe('held by somebody else', () => {
    test('is not taken without waiting', async () => {
      using object = make();
      await object.acquire();
      expect(object.tryAcquire()).toBe(false);
      for (const timeout of [0, -0, -1, -1e9]) {
        expect(object.acquireSync({ timeout })).toBe(false);
        expect(await object.acquire({ timeout })).toBe(false);
      }
      object.release();
    });

    test('is waited for as long as the timeout says, and not taken', async () => {
      using object = make();
      await object.acquire();
      for (const wait of [() => object.acquire({ timeout: 30 }), () => object.acquireSync({ timeout: 30 })]) {
        const started = performance.now();
        expect(await wait()).toBe(false);
        expect(performance.now() - started).toBeGreaterThanOrEqual(29);
      }
      object.release();
      expect(object.tryAcquire()).toBe(true);
      object.release();
    });

    test('with and guard throw a TimeoutError and do not run the function', async () => {
      using object = make();
      await object.acquire();
      for (const timeout of [0, 5]) {
        let ran = false;
        const fn = () => (ran = true);
        for (const call of [
          () => object.with(fn, { timeout }),
          () => object.withSync(fn, { timeout }),
          () => object.guard({ timeout }),
          () => object.guardSync({ timeout }),
        ]) {
          await expectFailure(call, TimeoutError, 'ERR_PROCLOOM_TIMEOUT');
        }
        expect(ran).toBe(false);
      }
      object.release();
      expect(object.locked()).toBe(false);
    });

    test('waits until it is released, with an infinite timeout too', async () => {
      using object = make();
      for (const options of [undefined, { timeout: Infinity }, { timeout: 2 ** 40 }, { timeout: 600_000 }]) {
        await object.acquire();
        const waiting = object.acquire(options);
        setImmediate(() => object.release());
        expect(await waiting).toBe(true);
        object.release();
      }
    });
  });

  test.each(verbs)('%s refuses what is no timeout, no signal and no options', async (_verb, call) => {
    using object = make();
    await expectInvalid(() => call(object, { timeout: NaN }), RangeError, /timeout must be .*NaN/);
    for (const timeout of ['5', null, true, {}, 5n]) {
      await expectInvalid(() => call(object, { timeout }), TypeError, /timeout must be a number of milliseconds/);
    }
    for (const options of [null, 5, 'now', true]) {
      await expectInvalid(() => call(object, options as never), TypeError, /options must be an object/);
    }
    expect(object.tryAcquire(), 'nothing was taken').toBe(true);
    object.release();
  });

  test.each(Object.entries(awaiting))('%s refuses what is no AbortSignal', async (_verb, call) => {
    using object = make();
    for (const signal of ['abort', null, {}, new AbortController()]) {
      await expectInvalid(() => call(object, { signal }), TypeError, /signal must be an AbortSignal/);
    }
    expect(object.locked()).toBe(false);
  });

  test.each(Object.entries(awaiting))('%s: a signal that is aborted already takes nothing', async (_verb, call) => {
    using object = make();
    const reason = new Error('not any more');
    expect(await failureOf(() => call(object, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await failureOf(() => call(object, { signal: AbortSignal.abort(reason), timeout: 0 }))).toBe(reason);
    expect(object.locked()).toBe(false);
  });

  test.each(Object.entries(awaiting))('%s: a wait that is aborted takes nothing', async (_verb, call) => {
    using object = make();
    await object.acquire();
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const failed = failureOf(() => call(object, { signal: controller.signal }));
    await sleep(1);
    controller.abort(reason);
    object.release(); // free in the same moment: it must stay free
    expect(await failed).toBe(reason);
    expect(object.tryAcquire()).toBe(true);
    object.release();
  });

  test('a timeout of the signal is the reason as well', async () => {
    using object = make();
    await object.acquire();
    const failure = await failureOf(() => object.acquire({ signal: AbortSignal.timeout(5), timeout: 600_000 }));
    expect(failure).toMatchObject({ name: 'TimeoutError' });
    object.release();
  });

  test('close() rejects the pending waits of this handle, not those of another', async () => {
    const object = make();
    using other = again(object);
    await other.acquire();
    const failures = Object.values(awaiting).map((call) =>
      expectFailure(() => call(object), ClosedError, 'ERR_PROCLOOM_CLOSED'),
    );
    const waiting = other.acquire();
    object.close();
    await Promise.all(failures);
    other.release();
    expect(await waiting).toBe(true);
    other.release();
    expect(other.locked()).toBe(false);
  });

  test('with gives what the function gives, and lets go however it ends', async () => {
    using object = make();
    expect(await object.with(() => 1)).toBe(1);
    expect(await object.with(async () => 'later')).toBe('later');
    expect(object.withSync(() => 2)).toBe(2);
    const wrong = new Error('wrong');
    for (const call of [
      () => object.with(() => Promise.reject(wrong)),
      () =>
        object.with(() => {
          throw wrong;
        }),
      () =>
        object.withSync(() => {
          throw wrong;
        }),
    ]) {
      expect(await failureOf(call)).toBe(wrong);
      expect(object.locked()).toBe(false);
    }
    await object.with(async () => {
      expect(object.locked()).toBe(true);
      await sleep(1);
      expect(object.locked()).toBe(true);
    });
    expect(object.locked()).toBe(false);
  });

  test('withSync refuses a function that returns a promise, and lets go', async () => {
    using object = make();
    for (const fn of [async () => 1, () => Promise.reject(new Error('not the news'))]) {
      await expectInvalid(() => object.withSync(fn), TypeError, /fn must not return a promise: use with\(\)/);
      expect(object.locked()).toBe(false);
    }
  });

  test('with and withSync refuse what is no function', async () => {
    using object = make();
    for (const fn of [undefined, 'fn', {}] as never[]) {
      await expectInvalid(() => object.with(fn), TypeError, /fn must be a function/);
      await expectInvalid(() => object.withSync(fn), TypeError, /fn must be a function/);
    }
    expect(object.locked()).toBe(false);
  });

  test('a guard lets go once', async () => {
    using object = make();
    for (const guard of [object.guardSync(), undefined]) {
      const held = guard ?? (await object.guard());
      expect(object.locked()).toBe(true);
      expect(held.abandoned).toBe(false);
      held.release();
      expect(object.locked()).toBe(false);
      expect(object.tryAcquire()).toBe(true);
      held.release();
      held[Symbol.dispose]();
      expect(object.locked(), 'what somebody took since is not its to give').toBe(true);
      object.release();
    }
    {
      using held = await object.guard();
      expect(held.abandoned).toBe(false);
      expect(object.locked()).toBe(true);
    }
    expect(object.locked()).toBe(false);
  });
});
