// Values with large memory in queues and pipes: it goes from where it lies into the ring, unless the value has to wait.
import { randomFillSync } from 'node:crypto';

import { afterAll, describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { Pipe } from '../../lib/connection/pipe.js';
import { Full } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Lock } from '../../lib/sync/lock.js';

const MIB = 1 << 20;
const random = (bytes: number) => randomFillSync(new Uint8Array(bytes));
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

test('no memory is taken for a copy of it', () => {
  using queue = new Queue<{ big: Uint8Array }>();
  const item = { id: 1, big: random(8 * MIB), last: 'x' };
  const before = process.memoryUsage().arrayBuffers;
  queue.putSync(item);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MIB);
  expect(same(queue.getSync().big, item.big)).toBe(true);
});

test('round the ring, and beyond it, at odd sizes', () => {
  using queue = new Queue<Uint8Array[]>();
  const all = random(MIB);
  for (let i = 0; i < 400; i++) {
    const sizes = i % 100 === 99 ? [MIB, 70_001 + i, MIB - 3] : [17, 33_000 + i * 7, 5, 40_001];
    const item = sizes.map((size, k) => all.slice(k, size));
    queue.putSync(item);
    if (i % 5 === 0) continue; // sometimes several are queued
    while (queue.qsize() > i % 3) queue.getSync();
    queue.putSync(item);
    let got = queue.getSync();
    while (!queue.empty()) got = queue.getSync();
    expect(got.length).toBe(item.length);
    for (const [k, part] of got.entries()) expect(same(part, item[k]!)).toBe(true);
  }
});

describe('a value that has to wait', () => {
  test('is what it was at the call, whatever is done to its memory meanwhile', async () => {
    using queue = new Queue<{ big: Uint8Array }>(1);
    const first = random(MIB);
    const [changed, taken] = [first.slice(), first.slice()];
    queue.putSync({ big: first });
    const puts = [queue.put({ big: changed }), queue.put({ big: taken })];
    changed.fill(0);
    structuredClone(taken, { transfer: [taken.buffer] });
    for (let i = 0; i < 3; i++) expect(same((await queue.get()).big, first)).toBe(true);
    await Promise.all(puts);
  });

  test('and may not, is not there at all', () => {
    using queue = new Queue<{ big: Uint8Array }>(1);
    const item = { big: random(MIB) };
    queue.putSync(item);
    expect(() => queue.putNowait(item)).toThrow(Full);
    expect(() => queue.putSync(item, { timeout: 0 })).toThrow(Full);
    expect(() => queue.putSync(item, { timeout: 5 })).toThrow(Full);
    expect(queue.qsize()).toBe(1);
    expect(same(queue.getSync().big, item.big)).toBe(true);
    queue.putSync(item, { timeout: 0 });
    expect(same(queue.getSync().big, item.big)).toBe(true);
  });

  test('by the bytes that are queued', async () => {
    const [receiver, sender] = Pipe({ duplex: false, capacity: MIB });
    const item = { big: random(3 * MIB) };
    const sends = Array.from({ length: 12 }, () => sender.send(item));
    for (let i = 0; i < 12; i++) expect(same(((await receiver.recv()) as typeof item).big, item.big)).toBe(true);
    await Promise.all(sends);
    receiver.close();
    sender.close();
  });
});

test('beside objects that travel as references, in any order', () => {
  using queue = new Queue<unknown>();
  const big = random(100_000);
  const lock = new Lock();
  using array = new SharedArray('d', 50_000);
  const view = array.view;
  for (const item of [{ big, lock, view }, [lock, [view], big], { view, big, lock, also: random(50_000) }]) {
    queue.putSync(item);
    view[7] = view[7]! + 1; // the same memory over there
    const arrived = Object.values(queue.getSync() as typeof item);
    const there = arrived.flat() as (Lock | Float64Array | Uint8Array)[];
    expect(
      same(
        there.find((part) => part instanceof Uint8Array)!,
        big,
      ),
    ).toBe(true);
    expect((there.find((part) => part instanceof Float64Array) as Float64Array)[7]).toBe(view[7]);
    (there.find((part) => part instanceof Lock) as Lock).close();
  }
  lock.close();
});

test('lent memory of one queue goes into another', () => {
  const [receiver, sender] = Pipe({ duplex: false });
  using queue = new Queue<{ bytes: Uint8Array }>();
  const sent = random(200_000);
  sender.sendBytesSync(Buffer.from(sent));
  const lent = receiver.borrowSync();
  queue.putSync({ bytes: lent.bytes });
  lent[Symbol.dispose]();
  expect(same(queue.getSync().bytes, sent)).toBe(true);
  receiver.close();
  sender.close();
});

describe('the verb', () => {
  const [receiver, sender] = Pipe({ duplex: false });
  afterAll(() => {
    receiver.close();
    sender.close();
  });
  const tokens = Buffer.from('abc');
  const put = (size: unknown, parts: unknown, positions: unknown) =>
    native.putParts(sender.handle, tokens, size as number, parts as [], positions as [], 0, 0);
  const part = Buffer.from('--');

  test.each<[string, unknown[], string]>([
    ['before all', [3, [part], [0]], '--abc'],
    ['between and behind', [3, [part, part, part], [1, 1, 3]], 'a----bc--'],
    ['between some of them', [2, [part], [1]], 'a--b'],
    ['none', [3, [], []], 'abc'],
    ['of something detached', [3, [detached(part)], [1]], 'abc'],
  ])('puts parts %s', (_name, [size, parts, positions], text) => {
    expect(put(size, parts, positions)).toBe(0);
    expect(String(receiver.recvBytesSync())).toBe(text);
  });

  test.each<[string, unknown[]]>([
    ['more bytes than there are', [4, [], []]],
    ['a position behind them', [2, [part], [3]]],
    ['positions that go back', [3, [part, part], [2, 1]]],
    ['a position that is none', [3, [part], ['1']]],
    ['a position too little', [3, [part, part], [1]]],
    ['a part that is none', [3, [{}], [1]]],
    ['no list', [3, undefined, [1]]],
  ])('refuses %s', (_name, [size, parts, positions]) => {
    expect(put(size, parts, positions)).toBe(native.status.BAD_ARGUMENT);
    expect(receiver.pollSync()).toBe(false);
  });
});

/** A view whose memory was taken away. */
function detached(bytes: Uint8Array): Uint8Array {
  const view = new Uint8Array(bytes);
  structuredClone(view, { transfer: [view.buffer] });
  return view;
}
