// What a child is given, and what its parent may do with it meanwhile.
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { EOFError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { JoinableQueue } from '../../lib/queue/joinable-queue.js';
import { Queue } from '../../lib/queue/queue.js';
import { SimpleQueue } from '../../lib/queue/simple-queue.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Barrier } from '../../lib/sync/barrier.js';
import { Condition } from '../../lib/sync/condition.js';
import { Event } from '../../lib/sync/event.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { BoundedSemaphore, Semaphore } from '../../lib/sync/semaphore.js';
import { fixture } from './program.js';

const reporting = (name: string) => ({ module: fixture('reporting.mjs'), export: name });

async function arrived(args: unknown[], kwargs?: Record<string, unknown>): Promise<unknown> {
  using queue = new Queue();
  const options = kwargs === undefined ? {} : { kwargs };
  const child = new Process({ target: reporting('tellArguments'), args: [queue, ...args], ...options }).start();
  expect(await child.join()).toBe(0);
  return queue.get();
}

describe('values', () => {
  test.each<[string, unknown[]]>([
    ['none', []],
    ['plain ones', [1, 'two', null, true, 0.5]],
    ['what JSON would lose', [-0, NaN, Infinity, undefined, 10n, new Date(5), new Map([[1, new Set([2])]]), '\ud800']],
    ['objects', [{ a: [1, { b: 2 }] }, Buffer.from('bytes'), Float64Array.of(1, 2)]],
    ['large memory', [{ bytes: new Uint8Array(70_000).fill(7) }, [new Float64Array(9000).fill(0.5), 'behind it']]],
    ['five megabytes', ['x'.repeat(5_000_000)]],
    ['a thousand', Array.from({ length: 1000 }, (_, i) => `argument ${i} of a thousand`)],
  ])('%s', async (_name, args) => {
    expect(await arrived(args)).toEqual(args);
  });

  test('kwargs are one last argument', async () => {
    expect(await arrived([1], { flag: true, list: [1] })).toEqual([1, { flag: true, list: [1] }]);
    expect(await arrived([], {})).toEqual([{}]);
  });

  test('they are encoded at start()', async () => {
    using queue = new Queue();
    const list = [1];
    const child = new Process({ target: reporting('tellArguments'), args: [queue, list] }).start();
    list.push(2);
    await child.join();
    expect(await queue.get()).toEqual([[1]]);
  });

  test('an argument list is copied by the constructor', async () => {
    using queue = new Queue();
    const args: unknown[] = [queue, 1];
    const child = new Process({ target: reporting('tellArguments'), args });
    args.push(2);
    await child.start().join();
    expect(await queue.get()).toEqual([1]);
  });
});

describe('shareables', () => {
  test('a value under its lock, from four processes', async () => {
    using value = new Value('i', 0);
    const children = [1, 2, 3, 4].map(() => new Process({ target: reporting('add'), args: [value, 500] }).start());
    await Promise.all(children.map((child) => child.join()));
    expect(value.value).toBe(2000);
  });

  test('every kind can be given', async () => {
    using lock = new Lock();
    using rlock = new RLock();
    using semaphore = new Semaphore(3);
    using bounded = new BoundedSemaphore(2);
    using event = new Event();
    using barrier = new Barrier(3, { timeout: 5 });
    using value = new Value('d', 1.5);
    using array = new SharedArray('i', [1, 2, 3]);
    using queue = new Queue();
    const [left, right] = Pipe();
    const synchronisation = [lock, rlock, semaphore, bounded, event, barrier];
    const all = [...synchronisation, value, array, queue, left, { deep: [lock, value] }];
    const back = (await arrived(all)) as unknown[];
    expect(back.map((object) => (object as object).constructor.name)).toEqual([
      'Lock', 'RLock', 'Semaphore', 'BoundedSemaphore', 'Event', 'Barrier', 'Value', 'SharedArray', 'Queue', 'Connection',
      'Object',
    ]); // prettier-ignore
    for (const object of back) (object as Partial<Lock>).close?.();
    left.close();
    right.close();
  });

  test('every kind can come later, through the one thing that was given', async () => {
    using inbox = new Queue<unknown>();
    using outbox = new Queue<string[]>();
    // Its module imports nothing of ours, and none of these kinds was among its arguments.
    const child = new Process({
      target: { module: fixture('late-arrivals.mjs'), export: 'tellNames' },
      args: [inbox, outbox],
    }).start();
    using lock = new Lock();
    using rlock = new RLock();
    using semaphore = new Semaphore(3);
    using bounded = new BoundedSemaphore(2);
    using event = new Event();
    using barrier = new Barrier(3);
    using condition = new Condition();
    using value = new Value('d', 1.5);
    using array = new SharedArray('i', [1, 2, 3]);
    using joinable = new JoinableQueue();
    using simple = new SimpleQueue();
    const [left, right] = Pipe();
    const synchronisation = [lock, rlock, semaphore, bounded, event, barrier, condition];
    inbox.putSync([...synchronisation, value, array, joinable, simple, left, array.view]);
    expect(await outbox.get()).toEqual([
      'Lock', 'RLock', 'Semaphore', 'BoundedSemaphore', 'Event', 'Barrier', 'Condition', 'Value', 'SharedArray',
      'JoinableQueue', 'SimpleQueue', 'Connection', 'Int32Array',
    ]); // prettier-ignore
    expect(await child.join()).toBe(0);
    left.close();
    right.close();
  });

  test('the parent may close what it gave at once', async () => {
    const [here, there] = Pipe();
    const child = new Process({ target: reporting('echo'), args: [there] }).start();
    there.close();
    here.sendSync({ hello: 1 });
    expect(await here.recv()).toEqual({ hello: 1 });
    await expect(here.recv()).rejects.toThrow(EOFError);
    expect(await child.join()).toBe(0);
    here.close();
  });

  test.each<[string, object]>([
    ['whose module does not load', { module: fixture('import-fails.mjs'), export: 'work' }],
    ['whose export is missing', reporting('nowhere')],
  ])('a child %s lets go of what it was given', async (_name, target) => {
    const [here, there] = Pipe();
    const child = new Process({ target: target as never, args: [there], stdio: 'ignore' }).start();
    there.close();
    // Blocking on purpose: this thread's loop cannot notice the child's end.
    expect(() => here.recvSync()).toThrow(EOFError);
    expect(child.joinSync()).toBe(1);
    here.close();
  });

  test('a child killed before it could open them', async () => {
    const [here, there] = Pipe();
    const child = new Process({ target: reporting('echo'), args: [there] }).start();
    there.close();
    child.kill();
    expect(await child.join()).toBe(-9);
    await expect(here.recv()).rejects.toThrow(EOFError);
    here.close();
  });
});
