// Queues: order, bounds, counts that are exact, endings, names; and every bad moment.
import { afterEach, describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { ClosedError, Empty, EOFError, Full, SegmentError, SerializeError, ShutDown } from '../../lib/errors/errors.js';
import { unlink } from '../../lib/memory/shared-object.js';
import { Queue } from '../../lib/queue/queue.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Lock } from '../../lib/sync/lock.js';

const invalid = { code: 'ERR_PROCLOOM_INVALID_ARGUMENT' };
const NAME = 'test-queue';
afterEach(() => unlink(NAME));

describe('items', () => {
  test('come out in the order in which they went in, whatever verbs are used', async () => {
    using queue = new Queue<number>();
    queue.putSync(0);
    await queue.put(1);
    queue.putNowait(2);
    void queue.put(3);
    expect([queue.getSync(), await queue.get(), queue.getNowait(), queue.getSync()]).toEqual([0, 1, 2, 3]);
  });

  test('are what they were when they were put', () => {
    using queue = new Queue<number[]>();
    const item = [1];
    queue.putSync(item);
    item.push(2);
    expect(queue.getSync()).toEqual([1]);
  });

  test('a hundred thousand of them, far beyond the first ring', () => {
    using queue = new Queue<string>();
    for (let i = 0; i < 100_000; i++) queue.putSync(`item ${i}`);
    expect(queue.qsize()).toBe(100_000);
    for (let i = 0; i < 100_000; i++) expect(queue.getSync()).toBe(`item ${i}`);
    expect(queue.empty()).toBe(true);
  });

  test('of many megabytes between small ones', () => {
    using queue = new Queue<unknown>();
    const large = Buffer.alloc(40_000_000, 'large');
    queue.putSync('before');
    queue.putSync(large);
    queue.putSync({ large });
    queue.putSync('after');
    expect(queue.getSync()).toBe('before');
    expect((queue.getSync() as Buffer).equals(large)).toBe(true);
    expect((queue.getSync() as { large: Buffer }).large.equals(large)).toBe(true);
    expect(queue.getSync()).toBe('after');
  });

  test('one that cannot travel is refused with the path, and the queue is as it was', async () => {
    using queue = new Queue<unknown>();
    queue.putSync(1);
    for (const put of [
      async () => queue.putSync({ users: [{}, { name: () => 1 }] }),
      () => queue.put({ users: [{}, { name: () => 1 }] }),
      async () => queue.putNowait({ users: [{}, { name: () => 1 }] }),
    ]) {
      const error: unknown = await put().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SerializeError);
      expect((error as SerializeError).path).toBe('users[1].name');
    }
    expect(queue.qsize()).toBe(1);
    expect(queue.getSync()).toBe(1);
  });

  test('shared objects travel, and may be closed by their sender at once', () => {
    using queue = new Queue<{ value: Value<'i'>; lock: Lock; queue: Queue<string> }>();
    const value = new Value('i', 5);
    const lock = new Lock();
    lock.acquireSync();
    queue.putSync({ value, lock, queue: queue as never });
    value.close();
    lock.close();
    const got = queue.getSync();
    expect(got.value.value).toBe(5);
    expect(got.value.updateSync((before) => before + 1)).toBe(6);
    expect(got.lock.locked()).toBe(true);
    got.queue.putSync('through itself');
    expect(queue.getSync()).toBe('through itself');
    got.value.close();
    got.lock.close();
    got.queue.close();
  });
});

describe('bounds', () => {
  test('maxsize', async () => {
    using queue = new Queue<number>(2);
    expect(queue.maxsize).toBe(2);
    expect([queue.empty(), queue.full(), queue.qsize()]).toEqual([true, false, 0]);
    queue.putSync(1);
    expect([queue.empty(), queue.full(), queue.qsize()]).toEqual([false, false, 1]);
    queue.putSync(2);
    expect([queue.empty(), queue.full(), queue.qsize()]).toEqual([false, true, 2]);
    expect(() => queue.putNowait(3)).toThrow(Full);
    for (const timeout of [0, -1, 3]) {
      expect(() => queue.putSync(3, { timeout })).toThrow(Full);
      await expect(queue.put(3, { timeout })).rejects.toThrow(Full);
    }
    const waiting = queue.put(3);
    expect(queue.qsize()).toBe(2);
    expect(queue.getSync()).toBe(1);
    await waiting;
    expect([queue.getSync(), queue.getSync()]).toEqual([2, 3]);
  });

  test('none with a maxsize of zero or less', () => {
    for (const maxsize of [0, -1, -100]) {
      using queue = new Queue<number>(maxsize);
      expect(queue.maxsize).toBe(0);
      for (let i = 0; i < 100; i++) queue.putNowait(i);
      expect(queue.full()).toBe(false);
    }
  });

  test('capacity in bytes; a single larger item passes', () => {
    using queue = new Queue<Buffer>(0, { capacity: 4096 });
    queue.putSync(Buffer.alloc(100_000));
    expect(queue.full()).toBe(true);
    expect(() => queue.putNowait(Buffer.alloc(100))).toThrow(Full);
    expect(queue.getSync().length).toBe(100_000);
    let fitted = 0;
    for (; fitted * 100 <= 1 << 20; fitted++) {
      try {
        queue.putNowait(Buffer.alloc(92));
      } catch {
        break;
      }
    }
    // 8 bytes for each, and all in multiples of 8.
    expect(fitted).toBe(Math.floor(4096 / 104));
  });

  test('nothing there', async () => {
    using queue = new Queue();
    expect(() => queue.getNowait()).toThrow(Empty);
    for (const timeout of [0, -1, 3]) {
      expect(() => queue.getSync({ timeout })).toThrow(Empty);
      await expect(queue.get({ timeout })).rejects.toThrow(Empty);
    }
  });

  test('wrong arguments', async () => {
    for (const maxsize of [1.5, NaN, '1', null, 2 ** 26] as never[]) {
      expect(() => new Queue(maxsize)).toThrow(expect.objectContaining(invalid));
    }
    for (const options of [{ capacity: 0 }, { capacity: 'x' }, { name: '' }, { name: 'a/b' }, { open: 'no' }, 5]) {
      expect(() => new Queue(0, options as never)).toThrow(expect.objectContaining(invalid));
    }
    using queue = new Queue();
    for (const timeout of [NaN, '1', {}] as never[]) {
      expect(() => queue.getSync({ timeout })).toThrow(expect.objectContaining(invalid));
      await expect(queue.put(1, { timeout, signal: undefined as never })).rejects.toMatchObject(invalid);
    }
    await expect(queue.get({ signal: 'no' as never })).rejects.toMatchObject(invalid);
    expect(queue.empty()).toBe(true);
  });
});

describe('endings', () => {
  test('shutdown: nothing more goes in, what is there comes out, then it is over', async () => {
    using queue = new Queue<number>(2);
    queue.putSync(1);
    queue.putSync(2);
    const blocked = queue.put(3);
    queue.shutdown();
    await expect(blocked).rejects.toThrow(ShutDown);
    expect(() => queue.putSync(4)).toThrow(ShutDown);
    await expect(queue.put(4)).rejects.toThrow(ShutDown);
    expect(queue.getSync()).toBe(1);
    expect(await queue.get()).toBe(2);
    expect(() => queue.getSync()).toThrow(ShutDown);
    await expect(queue.get()).rejects.toThrow(ShutDown);
    queue.shutdown();
  });

  test('shutdown ends waiting consumers and iteration', async () => {
    using queue = new Queue<number>();
    const waiting = queue.get();
    const got: number[] = [];
    const iterating = (async () => {
      for await (const item of queue) got.push(item);
    })();
    queue.putSync(1);
    queue.putSync(2);
    expect(await waiting).toBe(1);
    queue.shutdown();
    await iterating;
    expect(got).toEqual([2]);
  });

  test('immediate shutdown drops what is queued', () => {
    using queue = new Queue<number>();
    for (let i = 0; i < 1000; i++) queue.putSync(i);
    queue.shutdown({ immediate: true });
    expect(queue.qsize()).toBe(0);
    expect(() => queue.getSync()).toThrow(ShutDown);
  });

  test('immediate shutdown lets go of what the dropped items refer to', async () => {
    using queue = new Queue<unknown>();
    const [here, there] = Pipe();
    const gifts = Array.from({ length: 3 }, () => new Value('i', 1));
    const parked = new Queue<unknown>(1);
    parked.putSync('full');
    const waiting = parked.put({ deep: [there, gifts] });
    queue.putSync(['x'.repeat(100_000), there]);
    for (const gift of [there, ...gifts]) gift.close();
    queue.shutdown({ immediate: true });
    expect(await here.poll()).toBe(false);
    parked.getSync();
    await waiting;
    parked.shutdown({ immediate: true });
    expect(() => here.recvSync({ timeout: 10_000 })).toThrow(EOFError);
    here.close();
    parked.close();
  });

  test('close: this handle is done, others are not', async () => {
    using queue = new Queue<unknown>();
    queue.putSync(queue);
    const other = queue.getSync() as Queue<string>;
    const waiting = other.get();
    other.close();
    other.close();
    await expect(waiting).rejects.toThrow(ClosedError);
    for (const verb of [
      () => other.putSync('x'),
      () => other.getSync(),
      () => other.qsize(),
      () => other.empty(),
      () => other.full(),
      () => other.shutdown(),
    ]) {
      expect(verb).toThrow(ClosedError);
    }
    await other.joinThread();
    other.cancelJoinThread();
    queue.putSync('still open');
    expect(queue.getSync()).toBe('still open');
  });

  test('abort takes nothing', async () => {
    using queue = new Queue<number>();
    const abort = new AbortController();
    const waiting = queue.get({ signal: abort.signal });
    const next = queue.get();
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    queue.putSync(1);
    expect(await next).toBe(1);
  });
});

describe('names', () => {
  test('who comes second finds what the first has put', () => {
    using first = new Queue<string>(3, { name: NAME });
    first.putSync('hello');
    using second = new Queue<string>(0, { name: NAME });
    expect(second.maxsize).toBe(3);
    expect(second.name).toBe(NAME);
    expect(second.getSync()).toBe('hello');
  });

  test('create and attach insist; kinds and shapes must agree', () => {
    expect(() => new Queue(0, { name: NAME, open: 'attach' })).toThrow(
      expect.objectContaining({ code: 'ERR_PROCLOOM_SEGMENT_MISSING' }),
    );
    using queue = new Queue(3, { name: NAME, open: 'create' });
    expect(() => new Queue(3, { name: NAME, open: 'create' })).toThrow(
      expect.objectContaining({ code: 'ERR_PROCLOOM_SEGMENT_EXISTS' }),
    );
    for (const make of [() => new Queue(4, { name: NAME }), () => new Lock({ name: NAME })]) {
      expect(make).toThrow(SegmentError);
      expect(make).toThrow(expect.objectContaining({ code: 'ERR_PROCLOOM_SEGMENT_MISMATCH' }));
    }
    queue.unlink();
    queue.unlink();
    expect(unlink(NAME)).toBe(false);
  });
});
