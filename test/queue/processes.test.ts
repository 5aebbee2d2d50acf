// Queues between processes: order, counts, endings seen by all, names, and what is still delivered.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';

import { ClosedError, Empty, Full } from '../../lib/errors/errors.js';
import { unlink } from '../../lib/memory/shared-object.js';
import { Queue } from '../../lib/queue/queue.js';
import { expectFailure, expectInvalid, failureOf } from '../memory/failures.js';
import { program, start } from './program.js';

const NAME = 'the-queue';
afterEach(() => unlink(NAME));

test('a queue of 6: full, emptied by a child, full() and empty() tell', async () => {
  using queue = new Queue<number>(6);
  using proceed = new Queue<string>();
  const child = start('takeSix', queue, proceed);
  queue.putSync(1);
  await queue.put(2);
  queue.putNowait(3);
  queue.putSync(4, { timeout: 0 });
  await queue.put(5, { timeout: 1000 });
  expect(queue.full()).toBe(false);
  queue.putSync(6);
  expect([queue.full(), queue.empty(), queue.qsize()]).toEqual([true, false, 6]);
  for (const put of [
    () => queue.putNowait(7),
    () => queue.putSync(7, { timeout: 20 }),
    () => queue.put(7, { timeout: 20 }),
    () => queue.put(7, { timeout: 0 }),
  ]) {
    const failure = await expectFailure(put, Full, 'ERR_PROCLOOM_FULL');
    expect(failure.message).toMatch(/queue\.put\w*\(\): the queue holds its maxsize of 6 items/);
  }
  proceed.putSync('go');
  expect(await child.join()).toBe(0);
  expect([queue.full(), queue.empty(), queue.qsize()]).toEqual([false, true, 0]);
  expect(proceed.getSync()).toBe('1,2,3,4,5,6');
});

test('what a child has put is got by every verb, in order, and then there is nothing', async () => {
  using queue = new Queue<unknown>(-1);
  const child = start('putAll', queue, [2, { three: 3 }, 'four', [5], null]);
  expect(await child.join()).toBe(0);
  expect([queue.empty(), queue.qsize()]).toEqual([false, 5]);
  expect(queue.getSync()).toBe(2);
  expect(await queue.get()).toEqual({ three: 3 });
  expect(queue.getSync({ timeout: 1000 })).toBe('four');
  expect(await queue.get({ timeout: 0 })).toEqual([5]);
  expect(queue.getNowait()).toBe(null);
  expect([queue.empty(), queue.qsize()]).toEqual([true, 0]);
  for (const get of [() => queue.getNowait(), () => queue.getSync({ timeout: 0 }), () => queue.get({ timeout: 0 })]) {
    await expectFailure(get, Empty, 'ERR_PROCLOOM_EMPTY');
  }
});

test('a child goes on where its parent was: one order', async () => {
  using queue = new Queue<number>();
  for (let i = 0; i < 10; i++) queue.putSync(i);
  const child = start('putAll', queue, [10, 11, 12, 13, 14]);
  expect(await child.join()).toBe(0);
  queue.putSync(15);
  for (let i = 0; i < 16; i++) expect(queue.getSync()).toBe(i);
  expect(queue.empty()).toBe(true);
});

test('put() that found room is delivered, though process.exit() follows un-awaited', async () => {
  using queue = new Queue<number>();
  const child = start('putAndExit', queue, 1000);
  expect(await child.join()).toBe(0);
  expect(queue.qsize()).toBe(1000);
  for (let i = 0; i < 1000; i++) expect(queue.getSync()).toBe(i);
});

test('a child blocked in get or put is let go by an item or by room', async () => {
  using queue = new Queue<unknown>(1);
  using told = new Queue<string>();
  queue.putSync('first');
  const putters = ['putSync', 'put'].map((verb) => start(verb, queue, told));
  for (const _ of putters) expect(await told.get()).toBe('about to');
  for (let i = 0; i < 3; i++) expect(['first', 'theirs']).toContain(await queue.get());
  const getters = ['getSync', 'get'].map((verb) => start(verb, queue, told));
  for (const _ of getters) expect(await told.get()).toBe('about to');
  for (const item of ['one', 'two']) await queue.put(item);
  for (const child of [...putters, ...getters]) expect(await child.join()).toBe(0);
  expect([told.getSync(), told.getSync()].sort()).toEqual(['got one', 'got two']);
});

describe('shutdown() is seen by all', () => {
  test('who waits blocking or awaiting, who puts, who iterates', async () => {
    using queue = new Queue<unknown>(2);
    using told = new Queue<string>();
    const waiting = ['getSync', 'get', 'iterate'].map((verb) => start(verb, queue, told));
    for (const _ of waiting) expect(await told.get()).toBe('about to');
    queue.shutdown();
    for (const child of waiting) expect(await child.join()).toBe(0);
    expect([told.getSync(), told.getSync(), told.getSync()].sort()).toEqual(['ShutDown', 'ShutDown', 'over']);
    const late = ['putSync', 'put'].map((verb) => start(verb, queue, told));
    for (const child of late) expect(await child.join()).toBe(0);
    expect([told, told, told, told].map((q) => q.getSync()).sort()).toEqual([
      'ShutDown',
      'ShutDown',
      'about to',
      'about to',
    ]);
  });

  test('who waits for room', async () => {
    using queue = new Queue<unknown>(1);
    using told = new Queue<string>();
    queue.putSync('first');
    const waiting = ['putSync', 'put'].map((verb) => start(verb, queue, told));
    for (const _ of waiting) expect(await told.get()).toBe('about to');
    queue.shutdown();
    for (const child of waiting) expect(await child.join()).toBe(0);
    expect([told.getSync(), told.getSync()]).toEqual(['ShutDown', 'ShutDown']);
    expect(queue.getSync(), 'what was there comes out').toBe('first');
  });

  test('by one who shuts it down elsewhere, immediately', async () => {
    using queue = new Queue<unknown>();
    for (let i = 0; i < 100; i++) queue.putSync(i);
    const child = start('shutDown', queue);
    expect(await child.join()).toBe(0);
    expect(queue.qsize()).toBe(0);
    expect(await failureOf(() => queue.get())).toMatchObject({ code: 'ERR_PROCLOOM_SHUT_DOWN' });
  });

  test('refuses what is no option', async () => {
    using queue = new Queue<unknown>();
    await expectInvalid(() => queue.shutdown({ immediate: 1 as never }), TypeError, /immediate must be true or false/);
    await expectInvalid(() => queue.shutdown(true as never), TypeError, /options must be an object/);
    queue.putSync('still open');
    expect(queue.qsize()).toBe(1);
  });
});

test('programs without a common parent meet by name, and it outlives them', async () => {
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
    return ((await once(child, 'exit')) as [number])[0];
  };
  expect(await run('put', NAME, 'from one terminal')).toBe(0);
  expect(await run('put', NAME, 'from another')).toBe(0);
  using queue = new Queue<string>(0, { name: NAME, open: 'attach' });
  expect([queue.getSync(), queue.getSync()]).toEqual(['from one terminal', 'from another']);
});

test('close() while put and get are pending', async () => {
  const queue = new Queue<number>(1);
  queue.putSync(0);
  const puts = [expectFailure(() => queue.put(1), ClosedError, 'ERR_PROCLOOM_CLOSED')];
  puts.push(expectFailure(() => queue.put(2, { timeout: 60_000 }), ClosedError, 'ERR_PROCLOOM_CLOSED'));
  queue.close();
  await Promise.all(puts);
  const empty = new Queue<number>();
  const gets = [expectFailure(() => empty.get(), ClosedError, 'ERR_PROCLOOM_CLOSED')];
  gets.push(expectFailure(() => empty.get({ timeout: 60_000 }), ClosedError, 'ERR_PROCLOOM_CLOSED'));
  empty.close();
  const failures = await Promise.all(gets);
  expect(failures.length).toBe(2);
});

test('a get() that is aborted or timed out leaves the item for another', async () => {
  using queue = new Queue<string>();
  const reason = new Error('no more');
  expect(await failureOf(() => queue.get({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  queue.putSync('here');
  expect(await failureOf(() => queue.get({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(await failureOf(() => queue.put('x', { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(queue.qsize()).toBe(1);
  expect(queue.getNowait()).toBe('here');
  const started = performance.now();
  await expectFailure(() => queue.get({ timeout: 30 }), Empty, 'ERR_PROCLOOM_EMPTY');
  await expectFailure(() => queue.getSync({ timeout: 30 }), Empty, 'ERR_PROCLOOM_EMPTY');
  expect(performance.now() - started).toBeGreaterThanOrEqual(58);
});
