// Whoever waits at an event or a barrier is killed: nobody else hangs, and a barrier says so.
import { describe, expect, test } from 'vitest';

import { BrokenBarrierError } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { Barrier } from '../../lib/sync/barrier.js';
import { Event } from '../../lib/sync/event.js';
import { startThread } from '../sync/thread.js';
import { Victim } from './victim.js';

const inside = async (barrier: Barrier, count: number) => {
  while (barrier.nWaiting < count) await new Promise((resolve) => setTimeout(resolve, 1));
};

test('an event loses nobody with one who waited for it', async () => {
  using event = new Event();
  const victims = [await Victim.start('blockInEvent', { before: true }, event)];
  victims.push(await Victim.start('blockInEvent', { before: true }, event));
  const waiting = event.wait();
  await victims[0]!.kill();
  event.set();
  event.clear();
  expect(await waiting).toBe(true);
  expect(event.isSet()).toBe(false);
  await victims[1]!.kill();
});

test('an event that was set stays so, though its setter is dead a moment later', async () => {
  using event = new Event();
  const waiting = event.wait();
  const victim = await Victim.start('setAndClear', {}, event);
  await victim.kill();
  expect(await waiting).toBe(true);
});

describe.each([
  ['blocked', 'blockInBarrier'],
  ['awaiting', 'awaitBarrier'],
])('a party that is killed while %s', (_how, job) => {
  test('breaks the barrier for all others', async () => {
    using barrier = new Barrier(4);
    using told = new Queue<unknown>();
    const victim = await Victim.start(job, { before: true }, barrier);
    await inside(barrier, 1);
    const thread = startThread('meetSync', barrier, undefined, told);
    const own = Promise.allSettled([barrier.wait()]);
    await inside(barrier, 3);
    await victim.kill();
    expect(await own).toMatchObject([{ reason: { code: 'ERR_PROCLOOM_BROKEN_BARRIER' } }]);
    expect(await told.get()).toBe('ERR_PROCLOOM_BROKEN_BARRIER');
    await thread.ended;
    expect([barrier.broken, barrier.nWaiting]).toEqual([true, 0]);
    expect(() => barrier.waitSync()).toThrow(BrokenBarrierError);
    barrier.reset();
    expect(await Promise.all([1, 2, 3, 4].map(() => barrier.wait()))).toEqual([0, 1, 2, 3]);
  });

  test('breaks it for one who blocks', async () => {
    using barrier = new Barrier(3);
    const victim = await Victim.start(job, { before: true }, barrier);
    await inside(barrier, 1);
    const killer = victim.kill();
    expect(() => barrier.waitSync()).toThrow(BrokenBarrierError);
    await killer;
  });

  test('is seen by the last one to come, though nobody waited who could see it', async () => {
    using barrier = new Barrier(2);
    const victim = await Victim.start(job, { before: true }, barrier);
    await inside(barrier, 1);
    await victim.kill();
    expect(() => barrier.waitSync({ timeout: 60_000 })).toThrow(BrokenBarrierError);
    expect(barrier.broken).toBe(true);
    barrier.reset();
    expect(barrier.broken).toBe(false);
  });
});

test.each([
  ['blocking', 'blockInAction', 'block'],
  ['awaited', 'awaitAction', 'wait'],
])('the one that runs the action is killed, %s: the others are told', async (_how, job, name) => {
  const action = { module: new URL('../fixtures/crash/actions.mjs', import.meta.url), export: name };
  using barrier = new Barrier(3, { action });
  using told = new Queue<unknown>();
  const own = Promise.allSettled([barrier.wait()]);
  const thread = startThread('meetSync', barrier, undefined, told);
  await inside(barrier, 2);
  const victim = await Victim.start(job, { before: true }, barrier);
  expect(await victim.told()).toBe('acting');
  expect([barrier.nWaiting, barrier.broken]).toEqual([3, false]);
  await victim.kill();
  expect(await own).toMatchObject([{ reason: { code: 'ERR_PROCLOOM_BROKEN_BARRIER' } }]);
  expect(await told.get()).toBe('ERR_PROCLOOM_BROKEN_BARRIER');
  await thread.ended;
  expect(barrier.broken).toBe(true);
});

test('a thread that is terminated while it awaits breaks the barrier', async () => {
  using barrier = new Barrier(3);
  using told = new Queue<unknown>();
  const thread = startThread('meet', barrier, undefined, told);
  await inside(barrier, 1);
  const own = Promise.allSettled([barrier.wait()]);
  await thread.worker.terminate();
  await thread.ended;
  expect(await own).toMatchObject([{ reason: { code: 'ERR_PROCLOOM_BROKEN_BARRIER' } }]);
});
