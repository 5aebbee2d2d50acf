// What pipes and queues ask of the system: next to nothing while both sides are busy, nothing at all while one waits.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { Barrier } from '../../lib/sync/barrier.js';

const program = fileURLToPath(new URL('../fixtures/queue/system-calls.mjs', import.meta.url));
const start = (job: string, ...args: unknown[]) =>
  new Process({ target: { module: program, export: job }, args }).start();

const MESSAGES = 100_000;
/** Of both sides together, wakes and sleeps. */
const CALLS_A_MESSAGE = 0.01;

interface Calls {
  wakes: number;
  sleeps: number;
}

function pipe() {
  const [receiver, sender] = Pipe({ duplex: false });
  return { in: sender, out: receiver };
}

function queue() {
  const made = new Queue<unknown>(0, { capacity: 1 << 20 });
  return { in: made, out: made };
}

describe('both sides are busy: hardly a system call', () => {
  test.each([
    ['a pipe, sendSync → recvSync', pipe, 'sendSync', 'recvSync'],
    ['a queue, putSync → getSync', queue, 'putSync', 'getSync'],
    ['a queue, await put → await get', queue, 'put', 'get'],
  ])('%s', async (_name, make, putting, getting) => {
    const ends = make();
    using started = new Barrier(2);
    using told = new Queue<Calls>();
    const children = [
      start(putting, ends.in, MESSAGES, started, told),
      start(getting, ends.out, MESSAGES, started, told),
    ];
    const sides = [await told.get(), await told.get()];
    for (const child of children) expect(await child.join()).toBe(0);
    const calls = sides.reduce((sum, { wakes, sleeps }) => sum + wakes + sleeps, 0);
    expect(calls / MESSAGES, JSON.stringify(sides)).toBeLessThan(CALLS_A_MESSAGE);
    ends.in.close();
    ends.out.close();
  });
});

test.each(['idleInGet', 'idleInGetSync'])('a process that waits (%s) uses no processor time', async (job) => {
  using empty = new Queue<string>();
  using told = new Queue<unknown>();
  const child = start(job, empty, told);
  empty.putSync('first');
  expect(await told.get()).toBe('waiting');
  // Not to let something happen, but because nothing is to.
  await sleep(1000);
  empty.putSync('second');
  const { cpuMs, waitedMs } = (await told.get()) as { cpuMs: number; waitedMs: number };
  expect(waitedMs).toBeGreaterThan(500);
  expect(cpuMs / waitedMs, `${cpuMs} ms of ${waitedMs} ms`).toBeLessThan(0.02);
  expect(await child.join()).toBe(0);
});
