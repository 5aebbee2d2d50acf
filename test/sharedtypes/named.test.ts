// Values and arrays by name: who creates, who attaches, and what must agree.
import { afterEach, describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { SegmentError } from '../../lib/errors/errors.js';
import { unlink } from '../../lib/memory/shared-object.js';
import { Process } from '../../lib/process/process.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { expectFailure, expectInvalid } from '../memory/failures.js';
import { fixture } from './program.js';

const NAME = 'test.value-1';
const files = () =>
  native
    .list()
    .filter(({ named }) => named)
    .map(({ file }) => file);

afterEach(() => {
  unlink(NAME);
  unlink(`${NAME}.array`);
  expect(files()).toEqual([]);
});

test('the second finds what the first began with', () => {
  using first = new Value('i', 5, { name: NAME });
  using second = new Value('i', 99, { name: NAME });
  expect(second.value).toBe(5);
  expect(second.name).toBe(NAME);
  second.add(1);
  expect(first.value).toBe(6);
  using array = new SharedArray('i', [1, 2, 3], { name: `${NAME}.array` });
  using other = new SharedArray('i', 3, { name: `${NAME}.array` });
  expect(other.toArray()).toEqual([1, 2, 3]);
  other.setAll([4], 1);
  expect(array.toArray()).toEqual([1, 4, 3]);
});

test('they share one lock', () => {
  using first = new Value('i', 5, { name: NAME });
  using second = new Value('i', 5, { name: NAME });
  first.getLock().acquireSync();
  expect(second.getLock()).toBeInstanceOf(RLock);
  expect(second.getLock().locked()).toBe(true);
  first.getLock().release();
  expect(files().sort()).toEqual([`n.${NAME}`, `n.${NAME}~lock`]);
  second.unlink();
  expect(files()).toEqual([]);
});

test('a process without a common parent finds them', async () => {
  using value = new Value('i', 41, { name: NAME });
  using array = new SharedArray('d', 3, { name: `${NAME}.array` });
  const child = new Process({ target: fixture('attach'), args: [NAME] }).start();
  expect(await child.join()).toBe(0);
  expect(value.value).toBe(42);
  expect(array.toArray()).toEqual([42, 0, 0]);
});

test('they outlive their last user', () => {
  const first = new Value('q', 5n, { name: NAME, lock: false });
  first.add(1n);
  first.close();
  native.sweep();
  using second = new Value('q', 0n, { name: NAME, lock: false, open: 'attach' });
  expect(second.value).toBe(6n);
});

test('what has it open keeps it after unlink; the name is free for another', () => {
  using old = new Value('i', 1, { name: NAME, lock: false });
  old.unlink();
  using next = new Value('d', 2.5, { name: NAME, lock: false });
  expect([old.value, next.value]).toEqual([1, 2.5]);
  old.add(1);
  expect([old.value, next.value]).toEqual([2, 2.5]);
});

describe('what does not agree', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['another type', () => new Value('d', 1, { name: NAME }), /its shape is 'i', asked for was 'd'/],
    ['an array', () => new SharedArray('i', 1, { name: NAME }), /kind/],
    ['a lock', () => new Lock({ name: NAME }), /kind/],
  ])('%s in place of a value', async (_what, make, sentence) => {
    using value = new Value('i', 1, { name: NAME, lock: false });
    const failure = await expectFailure(make, SegmentError, 'ERR_PROCLOOM_SEGMENT_MISMATCH');
    expect(failure.message).toMatch(sentence);
    expect(failure.message).toMatch(/of another kind or shape/);
    expect(value.value).toBe(1);
    expect(files(), 'no lock was left for it').toEqual([`n.${NAME}`]);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['another type', () => new SharedArray('d', 3, { name: NAME }), /'i\*3'.*'d\*3'/],
    ['another length', () => new SharedArray('i', 4, { name: NAME }), /'i\*3'.*'i\*4'/],
    ['a value', () => new Value('i', 3, { name: NAME }), /kind/],
  ])('%s in place of an array', async (_what, make, sentence) => {
    using array = new SharedArray('i', [1, 2, 3], { name: NAME, lock: false });
    const failure = await expectFailure(make, SegmentError, 'ERR_PROCLOOM_SEGMENT_MISMATCH');
    expect(failure.message).toMatch(sentence);
    expect(array.toArray()).toEqual([1, 2, 3]);
    expect(files()).toEqual([`n.${NAME}`]);
  });
});

test("'create' and 'attach' insist, and leave no lock behind", async () => {
  await expectFailure(
    () => new Value('i', 0, { name: NAME, open: 'attach' }),
    SegmentError,
    'ERR_PROCLOOM_SEGMENT_MISSING',
  );
  await expectFailure(
    () => new SharedArray('i', 3, { name: NAME, open: 'attach' }),
    SegmentError,
    'ERR_PROCLOOM_SEGMENT_MISSING',
  );
  expect(files()).toEqual([]);
  using value = new Value('i', 1, { name: NAME, open: 'create' });
  await expectFailure(
    () => new Value('i', 2, { name: NAME, open: 'create' }),
    SegmentError,
    'ERR_PROCLOOM_SEGMENT_EXISTS',
  );
  using same = new Value('i', 2, { name: NAME, open: 'attach' });
  expect([value.value, same.value]).toEqual([1, 1]);
});

test('a name that is none is refused before anything is made', async () => {
  for (const name of ['', 'a/b', '../x', 'x~lock', 'ü', 'a'.repeat(201)]) {
    await expectInvalid(() => new Value('i', 0, { name }), RangeError, /name must be 1 to 200 of letters/);
    await expectInvalid(() => new SharedArray('i', 1, { name }), RangeError, /name must be 1 to 200 of letters/);
  }
  await expectInvalid(() => new Value('i', 0, { name: 5 as never }), TypeError, /name must be a string/);
  await expectInvalid(() => new Value('i', 0, { name: NAME, open: 'new' as never }), RangeError, /open must be one of/);
  await expectInvalid(() => new Value('i', 0.5, { name: NAME }), RangeError, /must be an integer/);
  expect(files()).toEqual([]);
});
