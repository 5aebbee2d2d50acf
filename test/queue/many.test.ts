// Many items with one call.
import { describe, expect, test } from 'vitest';

import { ClosedError, Empty, Full, SerializeError, ShutDown } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { Lock } from '../../lib/sync/lock.js';
import { failureOf } from '../memory/failures.js';

const invalid = { code: 'ERR_PROCLOOM_INVALID_ARGUMENT' };
const numbers = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);

describe('getMany', () => {
  test('takes what is there, no more than asked for', async () => {
    using queue = new Queue<number>();
    queue.putManySync(numbers(10));
    expect(queue.getManySync(4)).toEqual([0, 1, 2, 3]);
    expect(await queue.getMany(4)).toEqual([4, 5, 6, 7]);
    expect(queue.getManySync(4)).toEqual([8, 9]);
  });

  test('waits for the first only', async () => {
    using queue = new Queue<number>();
    const waiting = queue.getMany(100);
    await queue.putMany(numbers(3));
    expect(await waiting).toEqual([0, 1, 2]);
    expect(() => queue.getManySync(3, { timeout: 1 })).toThrow(Empty);
    await expect(queue.getMany(3, { timeout: 1 })).rejects.toThrow(Empty);
  });

  test('ends with the queue, after what is left', async () => {
    using queue = new Queue<number>();
    queue.putManySync([1, 2]);
    queue.shutdown();
    expect(await queue.getMany(5)).toEqual([1, 2]);
    await expect(queue.getMany(5)).rejects.toThrow(ShutDown);
    expect(() => queue.getManySync(5)).toThrow(ShutDown);
    queue.close();
    await expect(queue.getMany(5)).rejects.toThrow(ClosedError);
  });

  test('an aborted one has taken nothing', async () => {
    using queue = new Queue<number>();
    await expect(queue.getMany(2, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    const controller = new AbortController();
    const waiting = queue.getMany(2, { signal: controller.signal });
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    queue.putSync(1);
    expect(queue.qsize()).toBe(1);
  });

  test.each([0, -1, 1.5, NaN, '3' as never])('max must be a count: %s', async (max) => {
    using queue = new Queue<number>();
    expect(() => queue.getManySync(max)).toThrow(expect.objectContaining(invalid));
    await expect(queue.getMany(max)).rejects.toMatchObject(invalid);
  });
});

describe('putMany', () => {
  test('keeps the order, from any iterable', async () => {
    using queue = new Queue<unknown>();
    await queue.putMany(new Set([1, 2]));
    queue.putManySync('ab');
    await queue.putMany([]);
    expect(queue.getManySync(10)).toEqual([1, 2, 'a', 'b']);
  });

  test('Full tells how many went in, and those stay', async () => {
    using queue = new Queue<number>(3);
    const full = (await failureOf(() => queue.putMany(numbers(5), { timeout: 1 }))) as Full;
    expect(full).toBeInstanceOf(Full);
    expect(full.count).toBe(3);
    expect(queue.getManySync(2)).toEqual([0, 1]);
    const again = (await failureOf(async () => queue.putManySync(numbers(5, 10), { timeout: 0 }))) as Full;
    expect(again.count).toBe(2);
    expect(queue.getManySync(9)).toEqual([2, 10, 11]);
  });

  test('goes on when there is room', async () => {
    using queue = new Queue<number>(2);
    const putting = queue.putMany(numbers(7));
    const got: number[] = [];
    while (got.length < 7) got.push(...(await queue.getMany(3)));
    await putting;
    expect(got).toEqual(numbers(7));
  });

  test('one that cannot travel is refused, and none goes in', async () => {
    using queue = new Queue<unknown>();
    using lock = new Lock();
    for (const put of [
      () => queue.putMany([1, lock, () => 1]),
      async () => queue.putManySync([1, lock, Symbol('s')]),
    ]) {
      expect(await failureOf(put)).toBeInstanceOf(SerializeError);
      expect(queue.qsize()).toBe(0);
    }
    await expect(queue.putMany(5 as never)).rejects.toMatchObject(invalid);
    expect(() => queue.putManySync(null as never)).toThrow(expect.objectContaining(invalid));
  });

  test('shared objects travel, and may be closed at once', async () => {
    using queue = new Queue<Lock>();
    const locks = [new Lock(), new Lock()];
    await queue.putMany(locks);
    for (const lock of locks) lock.close();
    for (const lock of await queue.getMany(2)) {
      expect(lock.tryAcquire()).toBe(true);
      lock.close();
    }
  });
});
