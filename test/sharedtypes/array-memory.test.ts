// The memory of arrays: one for all views and handles, and it lives as long as one of them.
import { describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { ClosedError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { collectOnce, untilCollected } from '../memory/garbage.js';
import { fixture } from './program.js';

function again<T>(object: T): T {
  using queue = new Queue<T>();
  queue.putSync(object);
  return queue.getSync();
}

// Small ones share a segment, large ones have their own: both must do.
describe.each([10, 100_000])('of %i doubles', (length) => {
  test('the view is the memory', () => {
    using array = new SharedArray('d', length);
    array.view[length - 1] = 0.5;
    expect(array.get(length - 1)).toBe(0.5);
    array.set(0, 7);
    expect(array.view[0]).toBe(7);
    expect(array.view).toBe(array.view);
    expect(array.view).toBeInstanceOf(Float64Array);
  });

  test('a view that was seen outlives close()', () => {
    const array = new SharedArray('d', length);
    const { view } = array;
    view.fill(3);
    array.close();
    expect(() => array.view).toThrow(ClosedError);
    expect(() => array.get(0)).toThrow(ClosedError);
    expect(view.length).toBe(length);
    expect(view.every((element) => element === 3)).toBe(true);
    view[0] = 4;
    expect(view[0]).toBe(4);
  });

  test('two objects of one thread lie over one memory, and close apart', () => {
    const array = new SharedArray('d', length);
    const other = again(array);
    array.set(1, 2.5);
    expect(other.get(1)).toBe(2.5);
    array.close();
    expect(other.get(1)).toBe(2.5);
    const third = again(other);
    const { view } = third;
    third.close();
    other.close();
    expect(view[1]).toBe(2.5);
    expect(() => other.get(1)).toThrow(ClosedError);
  });

  test('what nobody can reach is given up', async () => {
    const files = () => native.list().filter(({ kind }) => kind === native.kind.ARRAY).length;
    const before = files();
    const make = () => {
      for (let i = 0; i < 20; i++) {
        const array = new SharedArray('d', length);
        if (i % 2 === 0) array.view.fill(1);
      }
    };
    make();
    await untilCollected(() => files() <= before);
    expect(files()).toBeLessThanOrEqual(before);
  });

  test('a view keeps the memory of an array that nobody else can reach', async () => {
    const views = Array.from({ length: 5 }, () => new SharedArray('d', length).view.fill(5));
    await collectOnce();
    expect(views.every((view) => view.every((element) => element === 5))).toBe(true);
  });

  test('a child writes into it, through verbs and through a view', async () => {
    using array = new SharedArray('d', length);
    using queue = new Queue<unknown>();
    const child = new Process({ target: fixture('double'), args: [{ nested: [array] }, array.view, queue] }).start();
    array.set(0, 1); // while it starts
    queue.putSync('go');
    expect(await child.join()).toBe(0);
    expect([array.get(0), array.get(1), array.get(length - 1)]).toEqual([2, 11, 12]);
  });
});

test('the memory of the view cannot be transferred away', () => {
  using array = new SharedArray('i', [1, 2, 3]);
  const { view } = array;
  try {
    structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  } catch (error) {
    expect(error).toMatchObject({ name: 'DataCloneError' }); // since Node 21; before, it is copied
  }
  expect([...view]).toEqual([1, 2, 3]);
  expect(array.toArray()).toEqual([1, 2, 3]);
});

test('values of one thread lie over one memory, and close apart', () => {
  const value = new Value('i', 1);
  const other = again(value);
  expect(other.add(1)).toBe(1);
  expect(value.value).toBe(2);
  value.close();
  expect(() => value.value).toThrow(ClosedError);
  expect(() => (value.value = 5)).toThrow(ClosedError);
  expect(() => value.add(1)).toThrow(ClosedError);
  expect(other.value).toBe(2);
  expect(other.updateSync((before) => before + 1)).toBe(3);
  other.close();
  expect(() => other.value).toThrow(ClosedError);
});

test('what is closed says so while it is still on its way', async () => {
  using queue = new Queue<unknown>(1);
  queue.putSync('first');
  const value = new Value('i', 7);
  const array = new SharedArray('i', [7]);
  const put = queue.put([value, array]);
  value.close();
  array.close();
  expect(() => value.value).toThrow(ClosedError);
  expect(() => array.get(0)).toThrow(ClosedError);
  expect(await queue.get()).toBe('first');
  await put;
  const [arrivedValue, arrivedArray] = (await queue.get()) as [Value<'i'>, SharedArray<'i'>];
  expect([arrivedValue.value, arrivedArray.get(0)]).toEqual([7, 7]);
  arrivedValue.close();
  arrivedArray.close();
});

test('thousands of values', () => {
  const values = Array.from({ length: 5_000 }, (_, i) => new Value('i', i));
  expect(values.every((value, i) => value.value === i)).toBe(true);
  for (const [i, value] of values.entries()) if (i % 2 === 0) value.close();
  const more = Array.from({ length: 2_500 }, (_, i) => new Value('d', -i));
  expect(values.every((value, i) => i % 2 === 0 || value.value === i)).toBe(true);
  for (const value of [...values, ...more]) value.close();
});
