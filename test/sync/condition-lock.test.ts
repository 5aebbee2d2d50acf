// The lock of a condition: who holds it, how it is had back, how it is found.
import { AsyncResource } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { ClosedError, NotOwnerError, OwnerDiedError, SegmentError } from '../../lib/errors/errors.js';
import { unlink } from '../../lib/memory/shared-object.js';
import { Queue } from '../../lib/queue/queue.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Condition } from '../../lib/sync/condition.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { expectFailure, expectInvalid } from '../memory/failures.js';
import { startThread } from './thread.js';

/** Runs outside of every with() that is under way. */
const outside = new AsyncResource('outside');

describe('an RLock', () => {
  test('of the thread is let go of entirely, and had back as deep', async () => {
    using lock = new RLock();
    using condition = new Condition(lock);
    using waits = new Value('?', false, { lock: false });
    const thread = startThread('notifyWhen', condition, waits);
    for (let i = 0; i < 3; i++) condition.acquireSync();
    waits.value = true;
    expect(condition.waitSync()).toBe(true);
    expect(lock.depth).toBe(3);
    await thread.ended;
    const wait = condition.wait();
    expect(lock.depth).toBe(0);
    expect(lock.locked()).toBe(false);
    await condition.with(() => condition.notify());
    expect(await wait).toBe(true);
    expect(lock.depth).toBe(3);
    expect(condition.waitSync({ timeout: 1 })).toBe(false);
    expect(await condition.wait({ timeout: 1 })).toBe(false);
    expect(lock.depth).toBe(3);
    for (let i = 0; i < 3; i++) condition.release();
    expect(lock.locked()).toBe(false);
  });

  test('of a with() goes back to it, however deep', async () => {
    using condition = new Condition();
    const lock = condition.lock as RLock;
    let waits = false;
    const chain = condition.with(() =>
      lock.with(async () => {
        expect(lock.depth).toBe(2);
        const wait = condition.wait();
        waits = true;
        expect(lock.depth, 'it is not its owner while it waits').toBe(0);
        expect(() => lock.release()).toThrow(NotOwnerError);
        expect(await wait).toBe(true);
        expect(lock.depth).toBe(2);
        await lock.with(() => expect(lock.depth).toBe(3));
        expect(outside.runInAsyncScope(() => lock.depth)).toBe(0);
        expect(condition.waitSync({ timeout: 1 })).toBe(false);
        expect(lock.depth).toBe(2);
        return 'end';
      }),
    );
    while (!waits) await sleep(0);
    const order: string[] = [];
    const beside = condition.with(async () => {
      expect(lock.depth).toBe(1);
      condition.notify();
      await sleep(5);
      order.push('notified');
    });
    void chain.then(() => order.push('went on'));
    await beside;
    expect(await chain).toBe('end');
    expect(order).toEqual(['notified', 'went on']);
    expect(lock.locked()).toBe(false);
  });

  test('of an awaited acquire goes back to nobody in particular', async () => {
    using condition = new Condition();
    const lock = condition.lock as RLock;
    await condition.acquire();
    expect(await condition.wait({ timeout: 1 })).toBe(false);
    expect(lock.depth).toBe(1);
    expect(lock.tryAcquire()).toBe(false);
    condition.release();
  });

  test('held by another chain of the thread is not held here', async () => {
    using condition = new Condition();
    await condition.with(async () => {
      await outside.runInAsyncScope(async () => {
        await expectFailure(() => condition.wait(), NotOwnerError, 'ERR_PROCLOOM_NOT_OWNER');
        await expectFailure(() => condition.notify(), NotOwnerError, 'ERR_PROCLOOM_NOT_OWNER');
      });
      expect(condition.notify()).toBeUndefined();
    });
  });
});

test.each<[string, () => Lock]>([
  ['Lock', () => new Lock()],
  ['RLock', () => new RLock()],
])('a %s that another thread holds is not held here', async (_name, make) => {
  using lock = make();
  using condition = new Condition(lock);
  using told = new Queue<string>();
  using end = new Queue<string>();
  const thread = startThread('holdAWhile', lock, told, end);
  expect(await told.get()).toBe('held');
  for (const call of [() => condition.wait(), () => condition.waitSync(), () => condition.notify()]) {
    await expectFailure(call, NotOwnerError, 'ERR_PROCLOOM_NOT_OWNER');
  }
  end.putSync('end');
  await thread.ended;
  expect(lock.locked()).toBe(false);
});

describe.each<[string, (policy: 'recover' | 'throw') => Lock]>([
  ['Lock', (onOwnerDeath) => new Lock({ onOwnerDeath })],
  ['RLock', (onOwnerDeath) => new RLock({ onOwnerDeath })],
])('%s: who notified ended without releasing it', (_name, make) => {
  test("policy 'recover': true, and the lock is abandoned", async () => {
    using lock = make('recover');
    using condition = new Condition(lock);
    await condition.acquire();
    const wait = condition.wait();
    await startThread('notifyAndEnd', condition).ended;
    expect(await wait).toBe(true);
    expect(condition.abandoned).toBe(true);
    condition.release();
    expect(condition.withSync(() => condition.abandoned)).toBe(false);
  });

  test("policy 'throw': OwnerDiedError, held; the notification goes to another", async () => {
    using lock = make('throw');
    using condition = new Condition(lock);
    await condition.acquire();
    const first = condition.wait();
    await condition.acquire();
    const second = condition.wait();
    const failed = expectFailure(() => first, OwnerDiedError, 'ERR_PROCLOOM_OWNER_DIED');
    await startThread('notifyAndEnd', condition).ended;
    expect((await failed).message).toMatch(
      /condition\.wait\(\): .* You hold it now: repair the data, then release\(\)/,
    );
    expect(condition.abandoned).toBe(true);
    if (lock instanceof RLock) expect(lock.depth).toBe(1);
    condition.release();
    expect(await second, 'mended, and told').toBe(true);
    expect(condition.abandoned).toBe(false);
    condition.release();
  });

  test("policy 'throw', blocking", async () => {
    using lock = make('throw');
    using condition = new Condition(lock);
    condition.acquireSync();
    const thread = startThread('notifyAndEnd', condition);
    await expectFailure(() => condition.waitSync(), OwnerDiedError, 'ERR_PROCLOOM_OWNER_DIED');
    expect(condition.abandoned).toBe(true);
    condition.release();
    await thread.ended;
    expect(condition.withSync(() => condition.abandoned)).toBe(false);
  });
});

test('a thread that is terminated while it waits takes no notification with it', async () => {
  using condition = new Condition();
  using told = new Queue<string>();
  for (const moment of ['before', 'after']) {
    const thread = startThread('waitNotified', condition, told);
    expect(await told.get()).toBe('waits');
    await condition.acquire();
    const here = condition.wait();
    await condition.acquire();
    if (moment === 'before') await thread.worker.terminate();
    condition.notify(); // the turn of the thread, if it is still there
    if (moment === 'after') await thread.worker.terminate();
    condition.release();
    expect(await here).toBe(true);
    condition.release();
    await thread.ended;
  }
});

describe('a name', () => {
  const NAME = 'test.condition-1';
  const files = () =>
    native
      .list()
      .filter(({ named }) => named)
      .map(({ file }) => file)
      .sort();

  afterEach(() => {
    unlink(NAME);
    unlink(`${NAME}.lock`);
    expect(files()).toEqual([]);
  });

  test('finds the condition and the lock that came with it', async () => {
    using first = new Condition(undefined, { name: NAME });
    using second = new Condition(undefined, { name: NAME, open: 'attach' });
    expect(files()).toEqual([`n.${NAME}`, `n.${NAME}~lock`]);
    expect(second.name).toBe(NAME);
    expect(second.lock).toBeInstanceOf(RLock);
    await first.acquire();
    expect(second.lock.locked()).toBe(true);
    const wait = first.wait();
    second.withSync(() => second.notify());
    expect(await wait).toBe(true);
    first.release();
    using third = new Condition(first.lock, { name: NAME }); // the same lock, given
    expect(third.lock).toBe(first.lock);
    second.unlink();
    expect(files()).toEqual([]);
  });

  test('goes with the lock that it was made over', () => {
    using lock = new Lock({ name: `${NAME}.lock` });
    using again = new Lock({ name: `${NAME}.lock` });
    using first = new Condition(lock, { name: NAME });
    using second = new Condition(again, { name: NAME });
    first.acquireSync();
    second.notify();
    second.release();
    expect(files()).toEqual([`n.${NAME}`, `n.${NAME}.lock`]);
  });

  test.each<[string, () => Condition | Lock, RegExp]>([
    ['a lock of its own', () => new Condition(undefined, { name: NAME }), /its lock is a Lock, asked for was an RLock/],
    ['an RLock', () => new Condition(new RLock(), { name: NAME }), /its lock is a Lock, asked for was an RLock/],
    ['another Lock', () => new Condition(new Lock(), { name: NAME }), /its lock is another one, asked for was s\./],
    ['a Lock', () => new Lock({ name: NAME }), /kind/],
  ])('that was made over a Lock is refused for %s', async (_what, make, sentence) => {
    using lock = new Lock();
    using condition = new Condition(lock, { name: NAME });
    const failure = await expectFailure(make, SegmentError, 'ERR_PROCLOOM_SEGMENT_MISMATCH');
    expect(failure.message).toMatch(sentence);
    expect(files(), 'no lock was left for it').toEqual([`n.${NAME}`]);
    expect(condition.withSync(() => condition.notify())).toBeUndefined();
  });

  test.each<[string, () => Lock, RegExp]>([
    ['a Lock', () => new Lock(), /its lock is an RLock, asked for was a Lock/],
    ['another RLock', () => new RLock(), /its lock is the one that came with it, asked for was s\./],
  ])('with a lock of its own is refused for %s', async (_what, make, sentence) => {
    using condition = new Condition(undefined, { name: NAME });
    using lock = make();
    const attach = () => new Condition(lock, { name: NAME });
    const failure = await expectFailure(attach, SegmentError, 'ERR_PROCLOOM_SEGMENT_MISMATCH');
    expect(failure.message).toMatch(sentence);
    expect(condition.lock.locked()).toBe(false);
  });

  test('insists on what open says, and leaves no lock behind', async () => {
    const open = (how: 'create' | 'attach') => new Condition(undefined, { name: NAME, open: how });
    await expectFailure(() => open('attach'), SegmentError, 'ERR_PROCLOOM_SEGMENT_MISSING');
    expect(files()).toEqual([]);
    using condition = open('create');
    await expectFailure(() => open('create'), SegmentError, 'ERR_PROCLOOM_SEGMENT_EXISTS');
    expect(condition.name).toBe(NAME);
  });

  test('is what names are', async () => {
    expect.hasAssertions();
    await expectInvalid(() => new Condition(undefined, { name: 'a/b' }), RangeError, /name must be 1 to 200/);
    await expectInvalid(() => new Condition(undefined, 5 as never), TypeError, /options must be an object/);
  });
});

test('what is no lock, or closed, is refused', async () => {
  for (const lock of [null, 5, {}, new Queue(), { name: 'x' }] as never[]) {
    await expectInvalid(() => new Condition(lock), TypeError, /lock must be a Lock, an RLock or undefined/);
    if ((lock as unknown) instanceof Queue) (lock as Queue).close();
  }
  const lock = new Lock();
  lock.close();
  const failure = await expectFailure(() => new Condition(lock), ClosedError, 'ERR_PROCLOOM_CLOSED');
  expect(failure.message).toMatch(/^new Condition\(\): this handle was closed\.$/);
});

test('it travels with its lock: one object here, one object there', () => {
  using lock = new Lock();
  using full = new Condition(lock);
  using empty = new Condition(lock);
  using queue = new Queue<[Condition, Lock, Condition]>();
  queue.putSync([full, lock, empty]);
  const [fullThere, lockThere, emptyThere] = queue.getSync();
  expect(fullThere.lock).toBe(lockThere);
  expect(emptyThere.lock).toBe(lockThere);
  expect(lockThere).toBeInstanceOf(Lock);
  expect(lockThere).not.toBeInstanceOf(RLock);
  full.acquireSync();
  expect(lockThere.locked()).toBe(true);
  emptyThere.notify();
  emptyThere.release();
  fullThere.close();
  expect(lockThere.tryAcquire(), 'it was given, so it is not closed').toBe(true);
  lockThere.release();
  for (const object of [emptyThere, lockThere]) object.close();
});

test('the lock that came with it travels as its own', async () => {
  const condition = new Condition();
  using queue = new Queue<Condition>();
  queue.putSync(condition);
  condition.close(); // what is on its way keeps both
  const there = queue.getSync();
  expect(there.lock).toBeInstanceOf(RLock);
  expect(there.withSync(() => there.waitSync({ timeout: 0 }))).toBe(false);
  there.close();
  await expectFailure(() => there.lock.tryAcquire(), ClosedError, 'ERR_PROCLOOM_CLOSED');
});
