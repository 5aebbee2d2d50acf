// JoinableQueue: what is unfinished, who waits for it, and every bad moment.
import { afterEach, describe, expect, test } from 'vitest';

import { ClosedError, SegmentError, ShutDown, StateError } from '../../lib/errors/errors.js';
import { unlink } from '../../lib/memory/shared-object.js';
import { JoinableQueue } from '../../lib/queue/joinable-queue.js';
import { Queue } from '../../lib/queue/queue.js';
import { Victim } from '../crash/victim.js';
import { ENDS, startThread } from '../sync/thread.js';
import { start } from './program.js';

const NAME = 'test-joinable';
afterEach(() => unlink(NAME));

test('it is a queue', async () => {
  using queue = new JoinableQueue<string>(2);
  expect(queue).toBeInstanceOf(Queue);
  queue.putSync('a');
  await queue.put('b');
  expect(queue.full()).toBe(true);
  expect([await queue.get(), queue.getSync()]).toEqual(['a', 'b']);
});

describe('join', () => {
  test('of a queue that never had an item is over at once', async () => {
    using queue = new JoinableQueue();
    expect(queue.joinSync()).toBe(true);
    expect(await queue.join()).toBe(true);
  });

  test('waits for taskDone, not for get', async () => {
    using queue = new JoinableQueue<number>();
    queue.putSync(1);
    queue.putSync(2);
    expect(queue.joinSync({ timeout: 0 })).toBe(false);
    queue.getSync();
    queue.getSync();
    expect(queue.empty()).toBe(true);
    expect(queue.joinSync({ timeout: 20 })).toBe(false);
    expect(await queue.join({ timeout: 20 })).toBe(false);
    const joined = queue.join();
    queue.taskDone();
    expect(queue.joinSync({ timeout: 0 })).toBe(false);
    queue.taskDone();
    expect(await joined).toBe(true);
  });

  test('counts what happened since the call, also if more was put at once', async () => {
    using queue = new JoinableQueue<number>();
    queue.putSync(1);
    queue.getSync();
    const joined = queue.join();
    queue.taskDone();
    queue.putSync(2);
    expect(await joined).toBe(true);
    expect(queue.joinSync({ timeout: 0 })).toBe(false);
  });

  test('is aborted by a signal, ended by close()', async () => {
    const queue = new JoinableQueue<number>();
    queue.putSync(1);
    const controller = new AbortController();
    const aborted = queue.join({ signal: controller.signal });
    const closed = queue.join();
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    queue.close();
    await expect(closed).rejects.toThrow(ClosedError);
    await expect(queue.join()).rejects.toThrow(ClosedError);
    expect(() => queue.joinSync()).toThrow(ClosedError);
    expect(() => queue.taskDone()).toThrow(ClosedError);
  });
});

test('taskDone more often than items were got is a StateError, and counts nothing', () => {
  using queue = new JoinableQueue<number>();
  expect(() => queue.taskDone()).toThrow(StateError);
  queue.putSync(1);
  expect(() => queue.taskDone()).toThrow(/once for each item/);
  queue.getSync();
  queue.taskDone();
  expect(() => queue.taskDone()).toThrow(StateError);
  expect(queue.joinSync({ timeout: 0 })).toBe(true);
});

describe('shutdown', () => {
  test('leaves what is queued to be finished', async () => {
    using queue = new JoinableQueue<number>();
    queue.putSync(1);
    queue.shutdown();
    const joined = queue.join();
    queue.getSync();
    queue.taskDone();
    expect(await joined).toBe(true);
  });

  test('immediate: what is dropped counts as done, what is in hand does not', async () => {
    using queue = new JoinableQueue<number>();
    for (let i = 0; i < 5; i++) queue.putSync(i);
    queue.getSync();
    const joined = queue.join();
    queue.shutdown({ immediate: true });
    expect(queue.qsize()).toBe(0);
    expect(() => queue.getSync()).toThrow(ShutDown);
    expect(queue.joinSync({ timeout: 0 })).toBe(false);
    queue.taskDone();
    expect(await joined).toBe(true);
    expect(() => queue.taskDone()).toThrow(StateError);
  });

  test('immediate, with nothing in hand, lets all go who wait', async () => {
    using queue = new JoinableQueue<number>();
    queue.putSync(1);
    const joined = queue.join();
    queue.shutdown({ immediate: true });
    expect(await joined).toBe(true);
  });
});

test.each(['finish', 'finishSync'])('%s: four processes finish what one waits for', async (job) => {
  using queue = new JoinableQueue<number | null>();
  const workers = Array.from({ length: 4 }, () => start(job, queue));
  for (let i = 0; i < 10; i++) await queue.put(i);
  expect(await queue.join()).toBe(true);
  for (let i = 0; i < 10; i++) queue.putSync(i);
  expect(queue.joinSync()).toBe(true);
  for (const _ of workers) queue.putSync(null);
  for (const worker of workers) expect(await worker.join()).toBe(0);
});

test('a consumer killed with an item in hand leaves it unfinished; who knows of it finishes it', async () => {
  using queue = new JoinableQueue<string>();
  queue.putSync('in the hand of the dead');
  const victim = await Victim.start('getOne', {}, queue);
  const joined = queue.join();
  await victim.kill();
  expect(queue.joinSync({ timeout: 100 })).toBe(false);
  queue.taskDone();
  expect(await joined).toBe(true);
});

describe('ackOnDeath', () => {
  test('what a killed consumer had in hand is done, also for those who wait already', async () => {
    using queue = new JoinableQueue<string>(0, { ackOnDeath: true });
    queue.putSync('in the hand of the dead');
    const victim = await Victim.start('getOne', {}, queue);
    queue.putSync('left in the queue');
    const joined = queue.join();
    expect(queue.joinSync({ timeout: 0 })).toBe(false);
    await victim.kill();
    expect(queue.joinSync({ timeout: 50 })).toBe(false);
    expect(queue.getSync()).toBe('left in the queue');
    queue.taskDone();
    expect(await joined).toBe(true);
    expect(queue.joinSync()).toBe(true);
    expect(() => queue.taskDone()).toThrow(StateError);
  });

  test('so it is for one that blocks', async () => {
    using queue = new JoinableQueue<string>(0, { ackOnDeath: true });
    queue.putSync('in the hand of the dead');
    const victim = await Victim.start('getOne', {}, queue);
    const joiner = await Victim.start('joinSync', { before: true }, queue);
    await victim.kill();
    expect(await joiner.told()).toBe('done');
    await joiner.kill();
  });

  test.each(ENDS)('a thread that ends by %s with an item in hand', async (end) => {
    using queue = new JoinableQueue<string>(0, { ackOnDeath: true });
    queue.putSync('in its hand');
    await startThread('getAndEnd', queue, end).ended;
    expect(queue.empty()).toBe(true);
    expect(await queue.join({ timeout: 10_000 })).toBe(true);
  });

  test('another process may say that it is done', async () => {
    using queue = new JoinableQueue<string>(0, { ackOnDeath: true });
    queue.putSync('in the hand of another');
    const consumer = await Victim.start('getOne', {}, queue);
    queue.taskDone();
    expect(queue.joinSync({ timeout: 0 })).toBe(true);
    await consumer.kill();
    expect(() => queue.taskDone()).toThrow(StateError);
  });

  test('the choice of the first one holds for a name, and travels', async () => {
    using first = new JoinableQueue<string>(0, { name: NAME, ackOnDeath: true });
    using second = new JoinableQueue<string>(0, { name: NAME });
    second.putSync('in the hand of the dead');
    const victim = await Victim.start('getOne', {}, second);
    await victim.kill();
    expect(second.joinSync()).toBe(true);
    expect(first.joinSync({ timeout: 0 })).toBe(true);
  });

  test('getMany has as many in hand', async () => {
    using queue = new JoinableQueue<number>(0, { ackOnDeath: true });
    await queue.putMany([1, 2, 3]);
    expect(await queue.getMany(3)).toEqual([1, 2, 3]);
    for (let i = 0; i < 3; i++) {
      expect(queue.joinSync({ timeout: 0 })).toBe(false);
      queue.taskDone();
    }
    expect(queue.joinSync({ timeout: 0 })).toBe(true);
  });

  test('it is true or false', () => {
    expect(() => new JoinableQueue(0, { ackOnDeath: 1 as never })).toThrow(/ackOnDeath must be true or false; got 1/);
  });
});

test('by name it is a JoinableQueue for all, and no other queue', () => {
  using first = new JoinableQueue<number>(0, { name: NAME });
  using second = new JoinableQueue<number>(0, { name: NAME });
  first.putSync(1);
  expect(second.joinSync({ timeout: 0 })).toBe(false);
  expect(second.getSync()).toBe(1);
  first.taskDone();
  expect(second.joinSync({ timeout: 0 })).toBe(true);
  expect(() => new Queue(0, { name: NAME })).toThrow(SegmentError);
});
