// SimpleQueue: put, get and empty.
import { afterEach, describe, expect, test } from 'vitest';

import { ClosedError, Empty, Full, SegmentError } from '../../lib/errors/errors.js';
import { unlink } from '../../lib/memory/shared-object.js';
import { Queue } from '../../lib/queue/queue.js';
import { SimpleQueue } from '../../lib/queue/simple-queue.js';
import { start } from './program.js';

const NAME = 'test-simple';
afterEach(() => unlink(NAME));

test('items in order, awaited and blocking', async () => {
  using queue = new SimpleQueue<number>();
  expect(queue.empty()).toBe(true);
  queue.putSync(1);
  await queue.put(2);
  expect(queue.empty()).toBe(false);
  expect([await queue.get(), queue.getSync()]).toEqual([1, 2]);
  expect(queue.empty()).toBe(true);
});

test('it grows far beyond the first ring, unless it has a capacity', () => {
  using queue = new SimpleQueue<Buffer>();
  for (let i = 0; i < 10; i++) queue.putSync(Buffer.alloc(100_000, i));
  for (let i = 0; i < 10; i++) expect(queue.getSync()[99_999]).toBe(i);
  using bounded = new SimpleQueue<Buffer>({ capacity: 1000 });
  bounded.putSync(Buffer.alloc(900));
  expect(() => bounded.putSync(Buffer.alloc(900), { timeout: 0 })).toThrow(Full);
});

test('waits end with their timeout', async () => {
  using queue = new SimpleQueue();
  expect(() => queue.getSync({ timeout: 1 })).toThrow(Empty);
  await expect(queue.get({ timeout: 1 })).rejects.toThrow(Empty);
});

describe('closed', () => {
  test('again it does nothing, and its verbs throw ClosedError', async () => {
    const queue = new SimpleQueue();
    const waiting = queue.get();
    queue.close();
    queue.close();
    await expect(waiting).rejects.toThrow(ClosedError);
    expect(() => queue.putSync(1)).toThrow(ClosedError);
    expect(() => queue.getSync()).toThrow(ClosedError);
    expect(() => queue.empty()).toThrow(ClosedError);
    await expect(queue.put(1)).rejects.toThrow(ClosedError);
  });
});

test('a process at the other side; it travels in queues, too', async () => {
  using inbox = new SimpleQueue<unknown>();
  using outbox = new SimpleQueue<unknown>();
  const child = start('echo', inbox, outbox);
  for (const item of ['a', { b: [1n] }, Buffer.from('c')]) {
    inbox.putSync(item);
    expect(await outbox.get()).toEqual(item);
  }
  using carried = new SimpleQueue<string>();
  carried.putSync('inside');
  inbox.putSync(carried);
  using back = (await outbox.get()) as SimpleQueue<string>;
  expect(back).toBeInstanceOf(SimpleQueue);
  expect(back.getSync()).toBe('inside');
  inbox.putSync(null);
  expect(await child.join()).toBe(0);
});

test('by name', () => {
  using first = new SimpleQueue<number>({ name: NAME });
  using second = new SimpleQueue<number>({ name: NAME });
  first.putSync(7);
  expect(second.getSync()).toBe(7);
  expect(() => new Queue(0, { name: NAME })).toThrow(SegmentError);
});
