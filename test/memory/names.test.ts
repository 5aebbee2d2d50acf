// Names of locks, semaphores and queues: one namespace, of which each name is one object.
import { afterEach, describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { BrokenBarrierError, SegmentError, SerializeError } from '../../lib/errors/errors.js';
import { type NameOptions, type Shareable, unlink } from '../../lib/memory/shared-object.js';
import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Barrier } from '../../lib/sync/barrier.js';
import { Event } from '../../lib/sync/event.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { BoundedSemaphore, Semaphore } from '../../lib/sync/semaphore.js';
import { expectFailure, expectInvalid } from './failures.js';

const NAME = 'The.name_of-1';
const named = () => native.list().filter((segment) => segment.named);
afterEach(() => {
  unlink(NAME);
  expect(named()).toEqual([]);
});

const kinds: [kind: string, make: (options?: NameOptions) => Shareable][] = [
  ['Lock', (options) => new Lock(options)],
  ['RLock', (options) => new RLock(options)],
  ['Semaphore', (options) => new Semaphore(2, options)],
  ['BoundedSemaphore', (options) => new BoundedSemaphore(2, options)],
  ['Event', (options) => new Event(options)],
  ['Barrier', (options) => new Barrier(2, options)],
  ['Queue', (options) => new Queue(2, options)],
  ['Value', (options) => new Value('i', 2, options)],
  ['SharedArray', (options) => new SharedArray('i', 2, options)],
];

describe.each(kinds)('%s', (kind, make) => {
  test('without a name it has none, and unlink() does nothing', () => {
    using object = make();
    expect(object.name).toBeUndefined();
    object.unlink();
    expect(named()).toEqual([]);
  });

  test('create, attach and either', async () => {
    await expectFailure(() => make({ name: NAME, open: 'attach' }), SegmentError, 'ERR_PROCLOOM_SEGMENT_MISSING');
    using first = make({ name: NAME, open: 'create' });
    expect(first.name).toBe(NAME);
    const failure = await expectFailure(
      () => make({ name: NAME, open: 'create' }),
      SegmentError,
      'ERR_PROCLOOM_SEGMENT_EXISTS',
    );
    expect(failure.message).toMatch(/the name is taken.*Choose another name, attach with/);
    using second = make({ name: NAME, open: 'attach' });
    using third = make({ name: NAME, open: 'either' });
    using fourth = make({ name: NAME });
    expect([second.name, third.name, fourth.name]).toEqual([NAME, NAME, NAME]);
    fourth.unlink();
    fourth.unlink();
    await expectFailure(() => make({ name: NAME, open: 'attach' }), SegmentError, 'ERR_PROCLOOM_SEGMENT_MISSING');
    using another = make({ name: NAME, open: 'create' });
    expect(another.name).toBe(NAME);
  });

  test('lasts after its last user, until it is unlinked', () => {
    make({ name: NAME }).close();
    native.sweep();
    make({ name: NAME, open: 'attach' }).close();
    expect(unlink(NAME)).toBe(true);
    expect(unlink(NAME)).toBe(false);
  });

  test('is of no other kind', async () => {
    using object = make({ name: NAME });
    for (const [other, makeOther] of kinds) {
      if (other === kind) continue;
      for (const open of ['either', 'attach'] as const) {
        const failure = await expectFailure(
          () => makeOther({ name: NAME, open }),
          SegmentError,
          'ERR_PROCLOOM_SEGMENT_MISMATCH',
        );
        expect(failure.message).toMatch(/of another kind or shape/);
      }
    }
    expect(object.name).toBe(NAME);
  });

  test('refuses what is no name and no way to open one', async () => {
    for (const name of ['', ' ', 'a/b', '..\0', 'x~lock', 'ü', 'a'.repeat(201)]) {
      await expectInvalid(() => make({ name }), RangeError, /name must be 1 to 200 of letters, digits/);
    }
    for (const name of [5, null, {}, Symbol('name')] as never[]) {
      await expectInvalid(() => make({ name }), TypeError, /name must be a string/);
    }
    await expectInvalid(() => make({ name: NAME, open: 'new' as never }), RangeError, /open must be one of 'either'/);
    await expectInvalid(() => make({ name: NAME, open: 1 as never }), TypeError, /open must be one of 'either'/);
    for (const name of ['.', '..', '-', 'a'.repeat(200)]) {
      using object = make({ name });
      expect(object.name).toBe(name);
      object.unlink();
    }
  });
});

test('they are one object', () => {
  using lock = new Lock({ name: NAME });
  using same = new Lock({ name: NAME });
  lock.acquireSync();
  expect(same.tryAcquire()).toBe(false);
  same.release();
  expect(lock.locked()).toBe(false);
});

test('the first one’s value counts; a maximum must agree', async () => {
  using semaphore = new Semaphore(5, { name: NAME });
  using same = new Semaphore(1, { name: NAME });
  expect(same.getValue()).toBe(5);
  semaphore.unlink();
  using bounded = new BoundedSemaphore(5, { name: NAME });
  const failure = await expectFailure(
    () => new BoundedSemaphore(4, { name: NAME }),
    SegmentError,
    'ERR_PROCLOOM_SEGMENT_MISMATCH',
  );
  expect(failure.message).toMatch(/its maximum is 5, asked for was 4/);
  expect(bounded.getValue()).toBe(5);
});

test('the parties of a barrier must agree; its first timeout and action count', async () => {
  const { href } = new URL('../fixtures/sync/actions.mjs', import.meta.url);
  const action = { module: href, export: 'fail' };
  using barrier = new Barrier(2, { name: NAME, timeout: 20, action });
  const failure = await expectFailure(
    () => new Barrier(3, { name: NAME }),
    SegmentError,
    'ERR_PROCLOOM_SEGMENT_MISMATCH',
  );
  expect(failure.message).toMatch(/its parties are 2, asked for were 3/);
  for (const options of [{}, { timeout: 5, action: `${href}#act` }, { timeout: 20, action }]) {
    using same = new Barrier(2, { name: NAME, open: 'attach', ...options });
    expect(same.parties).toBe(2);
    const first = Promise.allSettled([barrier.wait({ timeout: Infinity })]);
    await expect(same.wait()).rejects.toThrow('on purpose');
    expect(await first).toMatchObject([{ reason: { code: 'ERR_PROCLOOM_BROKEN_BARRIER' } }]);
    same.reset();
    expect(() => same.waitSync()).toThrow(BrokenBarrierError);
    same.reset();
  }
});

test('the action of a named barrier is one that others can find', async () => {
  await expectFailure(() => new Barrier(2, { name: NAME, action: () => {} }), SerializeError, 'ERR_PROCLOOM_TARGET');
  expect(named()).toEqual([]);
});

test('unlink() refuses what is no name', async () => {
  await expectInvalid(() => unlink('a/b'), RangeError, /name must be 1 to 200/);
  await expectInvalid(() => unlink(undefined as never), TypeError, /name must be a string/);
  expect(unlink('there-is-none')).toBe(false);
});

test('an old one that somebody still has is another object than the new one of its name', () => {
  using old = new Lock({ name: NAME });
  old.acquireSync();
  old.unlink();
  using fresh = new Lock({ name: NAME });
  expect(fresh.tryAcquire()).toBe(true);
  fresh.release();
  expect(old.locked()).toBe(true);
  old.release();
});
