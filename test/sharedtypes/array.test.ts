// Arrays: elements, views, bounds, what lives on after close, names.
import { afterEach, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { ClosedError, StateError } from '../../lib/errors/errors.js';
import { unlink } from '../../lib/memory/shared-object.js';
import { Queue } from '../../lib/queue/queue.js';
import { RawArray, SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';

const invalid = { code: 'ERR_PROCLOOM_INVALID_ARGUMENT' };
const NAME = 'test-array';
afterEach(() => unlink(NAME));

test('begins with zeros, also in memory that was used before', () => {
  for (const length of [0, 1, 100, 100_000]) {
    for (let round = 0; round < 3; round++) {
      using array = new SharedArray('i', length);
      expect(array.length).toBe(length);
      expect(array.view.every((element) => element === 0)).toBe(true);
      array.view.fill(-1);
    }
  }
});

test('elements, slices, iteration', () => {
  using array = new SharedArray('d', [1, 2, 3, 4.5]);
  expect([...array]).toEqual([1, 2, 3, 4.5]);
  array.set(0, -1);
  expect(array.get(0)).toBe(-1);
  expect(array.slice(1, 3)).toEqual([2, 3]);
  expect(array.slice(-1)).toEqual([4.5]);
  expect(array.toArray()).toEqual([-1, 2, 3, 4.5]);
  array.setAll(new Set([7, 8]), 2);
  expect(array.toArray()).toEqual([-1, 2, 7, 8]);
  using text = new SharedArray('c', 'hello');
  expect([text.toArray().join(''), text.get(1), text.view[1]]).toEqual(['hello', 'e', 101]);
  using flags = new SharedArray('?', [true, false]);
  expect(flags.toArray()).toEqual([true, false]);
  using wide = new SharedArray('Q', [1n, 2n ** 64n - 1n]);
  expect(wide.toArray()).toEqual([1n, 2n ** 64n - 1n]);
});

test('what is out of range or does not fit is refused, and nothing is stored', () => {
  using array = new SharedArray('B', [1, 2, 3]);
  for (const index of [-1, 3, 1.5, NaN, '0'] as never[]) {
    expect(() => array.get(index)).toThrow(expect.objectContaining(invalid));
    expect(() => array.set(index, 1)).toThrow(expect.objectContaining(invalid));
  }
  expect(() => array.set(0, 256)).toThrow(RangeError);
  expect(() => array.setAll([9, 9, 256])).toThrow(RangeError);
  expect(() => array.setAll([9, 9, 9, 9])).toThrow(RangeError);
  expect(() => array.setAll([9], 3)).toThrow(RangeError);
  expect(() => array.setAll(5 as never)).toThrow(TypeError);
  expect(array.toArray()).toEqual([1, 2, 3]);
  for (const size of [-1, 1.5, NaN, null, undefined, {}] as never[]) {
    expect(() => new SharedArray('i', size)).toThrow(expect.objectContaining(invalid));
  }
});

test('a view stays valid after close(), the array does not', async () => {
  const array = new SharedArray('i', 10_000);
  const { view } = array;
  view[5] = 55;
  array.close();
  expect(view[5]).toBe(55);
  for (const verb of [
    () => array.get(0),
    () => array.set(0, 1),
    () => array.view,
    () => array.toArray(),
    () => [...array],
  ]) {
    expect(verb).toThrow(ClosedError);
  }
});

test('small arrays do not touch each other, whatever is written through a view', () => {
  const arrays = Array.from({ length: 50 }, (_, i) => new SharedArray('B', 10 + i));
  for (const [i, array] of arrays.entries()) new Uint8Array(array.view.buffer).fill(i);
  for (const [i, array] of arrays.entries()) expect(array.view.every((byte) => byte === i)).toBe(true);
  for (const array of arrays) {
    expect(array.getLock().tryAcquire()).toBe(true);
    array.getLock().release();
    array.close();
  }
});

test('the lock', async () => {
  using array = new SharedArray('i', [1]);
  expect(await array.with(() => array.withSync(() => array.get(0)))).toBe(1);
  using raw = RawArray('i', [1]);
  expect(() => raw.getLock()).toThrow(StateError);
});

test('travels, and so do views of it, as the same memory', () => {
  using queue = new Queue<unknown>();
  using array = new SharedArray('i', [1, 2, 3, 4]);
  queue.putSync([array, array.view.subarray(2)]);
  const [same, part] = queue.getSync() as [SharedArray<'i'>, Int32Array];
  part[0] = 33;
  same.set(0, 11);
  expect(array.toArray()).toEqual([11, 2, 33, 4]);
  same.close();
});

test('named: whoever comes second finds the content and the lock of the first', () => {
  using first = new SharedArray('i', [1, 2, 3], { name: NAME });
  using second = new SharedArray('i', [7, 7, 7], { name: NAME });
  expect(second.toArray()).toEqual([1, 2, 3]);
  second.set(0, 9);
  expect(first.get(0)).toBe(9);
  first.getLock().acquireSync();
  expect(second.getLock().locked()).toBe(true);
  first.getLock().release();
  for (const make of [
    () => new SharedArray('i', 4, { name: NAME }),
    () => new SharedArray('d', 3, { name: NAME }),
    () => new Value('i', 0, { name: NAME }),
    () => new Queue(0, { name: NAME }),
  ]) {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_PROCLOOM_SEGMENT_MISMATCH' }));
  }
  expect(native.list().filter(({ named }) => named)).toHaveLength(2);
  first.unlink();
  expect(native.list().filter(({ named }) => named)).toHaveLength(0);
  second.set(1, 5);
  expect(first.get(1)).toBe(5);
});
