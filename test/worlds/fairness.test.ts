// Nobody who waits is left out: consumers of a slow producer, and producers for a slow consumer, of all kinds on one queue.
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { Queue } from '../../lib/queue/queue.js';
import { worlds, type Start } from './world.js';

const [processes, threads] = worlds.map(([, start]) => start) as [Start, Start];

/** Slow enough for who was woken to be asleep again: it is the rate that is tested, nothing waits for that time. */
const PACE_MS = 2;
const ITEMS = 240;
/** Each of four should have a quarter; whoever is only left over gets nothing. */
const LEAST = ITEMS / 20;

interface Play {
  queue: Queue<unknown>;
  told: Queue<unknown>;
  ended: Promise<unknown>;
}

async function begin(maxsize: number, blocking: string, awaiting: string): Promise<Play> {
  const queue = new Queue<unknown>(maxsize);
  const told = new Queue<unknown>();
  const players = [processes, threads].flatMap((start) => [blocking, awaiting].map((job) => start(job, queue, told)));
  for (const _ of players) expect(await told.get()).toBe('ready');
  return { queue, told, ended: Promise.all(players) };
}

async function shares({ queue, told, ended }: Play): Promise<number[]> {
  queue.shutdown();
  await ended;
  const all = (await told.getMany(4)) as number[];
  queue.close();
  told.close();
  return all;
}

test.each<[string, string, string]>([
  ['two processes and two threads, one of each blocking, one awaiting', 'getUntilEndSync', 'getUntilEnd'],
  ['all blocking', 'getUntilEndSync', 'getUntilEndSync'],
  ['all awaiting', 'getUntilEnd', 'getUntilEnd'],
])('each consumer gets its part: %s', async (_name, blocking, awaiting) => {
  const play = await begin(0, blocking, awaiting);
  for (let i = 0; i < ITEMS; i++) {
    play.queue.putSync(i);
    await sleep(PACE_MS);
  }
  const got = await shares(play);
  expect(got.reduce((sum, n) => sum + n)).toBe(ITEMS);
  for (const n of got) expect(n, `of ${got.join()}`).toBeGreaterThanOrEqual(LEAST);
});

test('each consumer gets its part of one queue of two that are filled in turns', async () => {
  const play = await begin(0, 'getUntilEnd', 'getUntilEnd');
  const beside = await begin(0, 'getUntilEnd', 'getUntilEnd');
  for (let i = 0; i < ITEMS; i++) {
    play.queue.putSync(i);
    beside.queue.putSync(i);
    await sleep(PACE_MS);
  }
  for (const got of [await shares(play), await shares(beside)]) {
    for (const n of got) expect(n, `of ${got.join()}`).toBeGreaterThanOrEqual(LEAST);
  }
});

test('each producer that waits for room puts its part', async () => {
  const play = await begin(1, 'putUntilEndSync', 'putUntilEnd');
  for (let i = 0; i < ITEMS; i++) {
    await play.queue.get();
    await sleep(PACE_MS);
  }
  const put = await shares(play);
  for (const n of put) expect(n, `of ${put.join()}`).toBeGreaterThanOrEqual(LEAST);
});
