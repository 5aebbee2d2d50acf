// A fast producer and a slow consumer: what is under way stays within the bounds, in shared memory and in both processes.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { Pipe } from '../../lib/connection/pipe.js';
import { Queue } from '../../lib/queue/queue.js';
import { start } from './program.js';

const MIB = 1 << 20;
const ITEM_BYTES = 300_000;
const ITEMS = 800; // 240 MB in all
/** What a process may hold of Buffers that it has dropped, until its garbage collector comes by. */
const SLACK = 100 * MIB;

function sharedMemory(): number {
  const files = readdirSync(native.directory).filter((file) => file.startsWith('s.'));
  return files.reduce((sum, file) => sum + statSync(join(native.directory, file)).blocks * 512, 0);
}

/** The resident memory of a process that is its own: what it shares is counted above. */
function ownMemory(pid: number | 'self'): number {
  return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) * 1024;
}

describe.runIf(process.platform === 'linux')('a fast producer and a slow consumer', () => {
  test.each([
    ['put() awaited', 'produce'],
    ['putSync()', 'produceSync'],
  ])('for await over a queue of 8 items, %s', async (_name, job) => {
    using queue = new Queue<Item>(8);
    const child = start(job, queue, ITEMS, ITEM_BYTES);
    const peaks = await consume(queue);
    // 8 items, in rings that grow fourfold: 64 KiB to 4 MiB.
    expect(peaks.shared).toBeLessThan(16 * MIB);
    expect(peaks.own).toBeLessThan(SLACK);
    expect(peaks.childs).toBeLessThan(SLACK);
    expect(await child.join()).toBe(0);
  });

  test('for await over a connection of 1 MiB, send() awaited', async () => {
    const [receiver, sender] = Pipe({ duplex: false, capacity: MIB });
    const child = start('sendThem', sender, ITEMS, ITEM_BYTES);
    sender.close();
    const peaks = await consume(receiver as AsyncIterable<Item>);
    expect(peaks.shared).toBeLessThan(16 * MIB);
    expect(peaks.own).toBeLessThan(SLACK);
    expect(peaks.childs).toBeLessThan(SLACK);
    expect(await child.join()).toBe(0);
    receiver.close();
  });
});

interface Item {
  i: number;
  pid: number;
  body: Buffer;
}
interface Peaks {
  shared: number;
  own: number;
  childs: number;
}

/** Slower than any producer: it looks around after each item. Gives how much memory grew after the first hundred. */
async function consume(items: AsyncIterable<Item>): Promise<Peaks> {
  const peaks = { shared: 0, own: 0, childs: 0 };
  let began = { own: 0, childs: 0 };
  let count = 0;
  for await (const { i, pid, body } of items) {
    expect(i).toBe(count++);
    expect(body.length).toBe(ITEM_BYTES);
    await turn();
    peaks.shared = Math.max(peaks.shared, sharedMemory());
    if (i === 100) began = { own: ownMemory('self'), childs: ownMemory(pid) };
    if (i > 100 && i % 50 === 0 && i < ITEMS - 50) {
      peaks.own = Math.max(peaks.own, ownMemory('self') - began.own);
      peaks.childs = Math.max(peaks.childs, ownMemory(pid) - began.childs);
    }
    if (i % 40 === 0) globalThis.gc!(); // dropped Buffers are no memory that is under way
  }
  expect(count).toBe(ITEMS);
  return peaks;
}
