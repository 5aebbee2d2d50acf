// Several producers and consumers over one queue: nothing is lost, doubled, torn, or overtakes within its producer.
import { describe, expect, test } from 'vitest';

import { Queue } from '../../lib/queue/queue.js';
import { worlds, type Start } from './world.js';

const PRODUCERS = 4;

type Got = [producer: number, i: number];

async function run(start: Start, queue: Queue, verbs: { produce: string[]; consume: string[] }, each: number) {
  using results = new Queue<Got[]>();
  const consumers = verbs.consume.map((verb) => start(verb, queue, results));
  await Promise.all(verbs.produce.map((verb, producer) => start(verb, queue, producer, each)));
  for (const _ of consumers) await queue.put(null);
  const got: Got[][] = [];
  for (const _ of consumers) got.push(await results.get());
  await Promise.all(consumers);
  return got;
}

function expectAllOnce(got: Got[][], each: number): void {
  for (const items of got) {
    const last = new Map<number, number>();
    for (const [producer, i] of items) {
      expect(i).toBeGreaterThan(last.get(producer) ?? -1);
      last.set(producer, i);
    }
  }
  const all = got.flat().map(([producer, i]) => producer * each + i);
  expect(all.length).toBe(PRODUCERS * each);
  expect(new Set(all).size).toBe(PRODUCERS * each);
}

const SYNC = { produce: Array<string>(PRODUCERS).fill('produceSync'), consume: ['consumeSync', 'consumeSync'] };
const ASYNC = { produce: Array<string>(PRODUCERS).fill('produce'), consume: ['consume', 'consume'] };
const MIXED = { produce: ['produce', 'produceSync', 'produce', 'produceSync'], consume: ['consume', 'consumeSync'] };

describe.each(worlds)('%s', (_world, start) => {
  test.each<[string, typeof SYNC, number, () => Queue]>([
    ['blocking', SYNC, 20_000, () => new Queue()],
    ['awaited', ASYNC, 5_000, () => new Queue()],
    ['mixed', MIXED, 5_000, () => new Queue()],
    ['blocking, over a queue of 3', SYNC, 3_000, () => new Queue(3)],
    ['mixed, over a queue of 2', MIXED, 1_000, () => new Queue(2)],
    ['mixed, over a queue of 2 KiB', MIXED, 2_000, () => new Queue(0, { capacity: 2048 })],
  ])('4 producers, 2 consumers, %s', async (_name, verbs, each, make) => {
    using queue = make();
    expectAllOnce(await run(start, queue, verbs, each), each);
    expect(queue.qsize()).toBe(0);
    expect(queue.empty()).toBe(true);
  });
});
