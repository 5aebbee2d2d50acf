// Lock: mutual exclusion, in this thread, in others, and when its owner ends.
import { describe, expect, test } from 'vitest';

import { OwnerDiedError, StateError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { expectFailure, expectInvalid } from '../memory/failures.js';
import { atWork, ENDS, fixture, startThread } from './thread.js';

test('is taken once', () => {
  using lock = new Lock();
  expect(lock.acquireSync()).toBe(true);
  expect(lock.tryAcquire()).toBe(false);
  expect(lock.acquireSync({ timeout: 0 })).toBe(false);
  lock.release();
  expect(lock.locked()).toBe(false);
});

test('release of a lock that nobody holds', async () => {
  using lock = new Lock();
  const failure = await expectFailure(() => lock.release(), StateError, 'ERR_PROCLOOM_NOT_LOCKED');
  expect(failure.message).toMatch(/lock\.release\(\): nobody holds it\. Call release\(\) once for each/);
  lock.acquireSync();
  lock.release();
  await expectFailure(() => lock.release(), StateError, 'ERR_PROCLOOM_NOT_LOCKED');
  expect(lock.tryAcquire()).toBe(true);
  lock.release();
});

test('any holder of the object may release it', async () => {
  using lock = new Lock();
  using queue = new Queue<Lock>();
  await lock.acquire();
  await atWork('release', lock);
  expect(lock.locked()).toBe(false);
  lock.acquireSync();
  const child = new Process({ target: fixture('release'), args: [lock] }).start();
  expect(await child.join()).toBe(0);
  expect(lock.locked()).toBe(false);
  lock.acquireSync();
  queue.putSync(lock);
  using other = queue.getSync();
  other.release();
  expect(lock.locked()).toBe(false);
});

test('excludes another process, which waits blocking or awaiting', async () => {
  using lock = new Lock();
  using queue = new Queue<string>();
  using told = new Queue<string>();
  for (const verb of ['takeSync', 'take']) {
    lock.acquireSync();
    const child = new Process({ target: fixture(verb), args: [lock, told, queue] }).start();
    expect(await told.get()).toBe('waiting');
    expect(queue.empty()).toBe(true);
    queue.putSync('released');
    lock.release();
    expect(await child.join()).toBe(0);
    expect([queue.getNowait(), queue.getNowait()]).toEqual(['released', 'taken']);
    expect(lock.locked()).toBe(false);
  }
});

test('options that are wrong', async () => {
  expect.hasAssertions();
  for (const options of [null, 5, 'name'] as never[]) {
    await expectInvalid(() => new Lock(options), TypeError, /options must be an object/);
  }
  await expectInvalid(() => new Lock({ onOwnerDeath: 'ignore' as never }), RangeError, /one of 'recover', 'throw'/);
  await expectInvalid(() => new Lock({ onOwnerDeath: 1 as never }), TypeError, /one of 'recover', 'throw'/);
});

describe.each([
  ['Lock', (options?: object) => new Lock(options)],
  ['RLock', (options?: object) => new RLock(options)],
])('%s: the thread that held it', (_name, make) => {
  test.each(ENDS)('%s', async (end) => {
    using lock = make();
    const thread = startThread('hold', lock, end);
    await thread.ended;
    expect(lock.acquireSync()).toBe(true);
    expect(lock.abandoned).toBe(true);
    lock.release();
    expect(lock.abandoned).toBe(false);
    expect(await lock.acquire()).toBe(true);
    expect(lock.abandoned).toBe(false);
    lock.release();
  });

  test('wakes one who waits already', async () => {
    using lock = make();
    using told = new Queue<string>();
    using end = new Queue<string>();
    const thread = startThread('holdUntil', lock, told, end);
    expect(await told.get()).toBe('held');
    const waiting = lock.acquire();
    end.putSync('end');
    expect(await waiting).toBe(true);
    expect(lock.abandoned).toBe(true);
    lock.release();
    await thread.ended;
  });

  test("policy 'throw': acquire gives it and throws", async () => {
    using lock = make({ onOwnerDeath: 'throw' });
    for (const take of [() => lock.acquireSync(), () => lock.tryAcquire(), () => lock.acquire()]) {
      await startThread('hold', lock, 'return').ended;
      const failure = await expectFailure(take, OwnerDiedError, 'ERR_PROCLOOM_OWNER_DIED');
      expect(failure.message).toMatch(/You hold it now: repair the data, then release\(\)\./);
      expect(lock.locked()).toBe(true);
      expect(lock.abandoned).toBe(true);
      lock.release();
      expect(lock.locked()).toBe(false);
      expect(lock.tryAcquire(), 'mended').toBe(true);
      lock.release();
    }
  });

  test("policy 'throw': with and guard let it go, and the next one is told too", async () => {
    using lock = make({ onOwnerDeath: 'throw' });
    await startThread('hold', lock, 'return').ended;
    for (const call of [
      () => lock.with(() => 'never'),
      () => lock.withSync(() => 'never'),
      () => lock.guard(),
      () => lock.guardSync(),
      () => lock.with(() => 'never'),
    ]) {
      await expectFailure(call, OwnerDiedError, 'ERR_PROCLOOM_OWNER_DIED');
      expect(lock.locked()).toBe(false);
    }
    expect(() => lock.acquireSync()).toThrow(OwnerDiedError);
    lock.release();
    expect(await lock.with(() => 'mended')).toBe('mended');
  });

  test('a guard knows that it came from the dead', async () => {
    using lock = make();
    await startThread('hold', lock, 'return').ended;
    const guard = await lock.guard();
    expect(guard.abandoned).toBe(true);
    guard.release();
    expect(lock.guardSync().abandoned).toBe(false);
    lock.release();
  });
});

test('a thread that is terminated while it awaits takes nothing', async () => {
  using lock = new Lock();
  using told = new Queue<string>();
  await lock.acquire();
  const thread = startThread('await', lock, told);
  expect(await told.get()).toBe('waiting');
  await thread.worker.terminate();
  await thread.ended;
  const waiting = lock.acquire();
  lock.release();
  expect(await waiting).toBe(true);
  expect(lock.abandoned).toBe(false);
  lock.release();
});
