// Views of shared memory that travel: they arrive over the same memory, and keep it.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { Pipe } from '../../lib/connection/pipe.js';
import { ClosedError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { collectOnce, untilCollected } from './garbage.js';

const program = fileURLToPath(new URL('../fixtures/memory/views.mjs', import.meta.url));
const start = (job: string, ...args: unknown[]) =>
  new Process({ target: { module: program, export: job }, args }).start();

const memoryFiles = () => native.list().filter(({ kind }) => kind === native.kind.ARRAY).length;

type Sendable = ArrayBuffer | ArrayBufferView;
const kinds: [string, (memory: ArrayBuffer) => Sendable][] = [
  ['the ArrayBuffer', (memory) => memory],
  ['a typed array', (memory) => new Float64Array(memory)],
  ['a part of it', (memory) => new Uint16Array(memory, 6, 5)],
  ['a DataView', (memory) => new DataView(memory, 3, 7)],
  ['a Buffer', (memory) => Buffer.from(memory, 5, 9)],
  ['an empty view', (memory) => new Uint8Array(memory, 8, 0)],
];

const ways: [string, (value: unknown, closeIt: () => void) => unknown][] = [
  [
    'a queue',
    (value, closeIt) => {
      using queue = new Queue();
      queue.putSync(value);
      closeIt();
      return queue.getSync();
    },
  ],
  [
    'a full queue that is awaited',
    async (value, closeIt) => {
      using queue = new Queue(1);
      queue.putSync('first');
      const put = queue.put(value);
      closeIt();
      expect(await queue.get()).toBe('first');
      await put;
      return queue.get();
    },
  ],
  [
    'a pipe',
    (value, closeIt) => {
      const [near, far] = Pipe();
      near.sendSync(value);
      closeIt();
      const arrived = far.recvSync();
      near.close();
      far.close();
      return arrived;
    },
  ],
];

function bytesOf(view: Sendable): Uint8Array {
  return ArrayBuffer.isView(view)
    ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    : new Uint8Array(view);
}

// Small memory is a cell of a common segment, large memory has its own: both must do.
describe.each([6, 100_000])('over %i doubles', (length) => {
  describe.each(ways)('through %s', (_way, carried) => {
    test.each(kinds)('%s', async (_kind, make) => {
      const array = new SharedArray('d', length);
      const view = make(array.view.buffer as ArrayBuffer);
      bytesOf(view).fill(7);
      const arrived = (await carried({ view }, () => array.close())) as { view: Sendable };
      expect(Object.getPrototypeOf(arrived.view)).toBe(Object.getPrototypeOf(view));
      expect(arrived.view.byteLength).toBe(view.byteLength);
      expect(bytesOf(arrived.view).byteOffset).toBe(bytesOf(view).byteOffset);
      expect(bytesOf(arrived.view).buffer, 'one thread has one buffer over it').toBe(bytesOf(view).buffer);
    });
  });

  test('sent after the array was closed', async () => {
    const array = new SharedArray('d', length);
    const { view } = array;
    array.close();
    using queue = new Queue<unknown>();
    const child = start('countUp', [view.subarray(1)], queue);
    expect(await child.join()).toBe(0);
    expect(await queue.get()).toEqual([['Float64Array', 8, 8 * (length - 1), 8 * length]]);
    expect([...bytesOf(view).subarray(0, 17)]).toEqual([...Buffer.alloc(8, 0), ...Buffer.alloc(9, 1)]);
    expect(() => array.view).toThrow(ClosedError);
  });

  test('it needs neither its sender nor the array: from child to child, and back', async () => {
    using there = new Queue<unknown>();
    using back = new Queue<[Uint8Array]>();
    const array = new SharedArray('B', length * 8);
    array.view[1] = 9;
    there.putSync({ view: array.view });
    array.close();
    const child = start('relay', there, back);
    expect(await child.join()).toBe(0);
    const [arrived] = await back.get();
    expect([arrived.byteOffset, arrived.length, arrived[0]]).toEqual([1, length * 8 - 1, 9]);
  });

  test('what is on its way keeps the memory; what nobody can reach is given up', async () => {
    const before = memoryFiles();
    using queue = new Queue<{ view: Uint8Array }>();
    const send = () => {
      const array = new SharedArray('B', length * 8);
      queue.putSync({ view: array.view.fill(5) });
      array.close();
    };
    for (let i = 0; i < 10; i++) send();
    await collectOnce();
    const take = () => {
      for (let i = 0; i < 10; i++) expect(queue.getSync().view.every((byte) => byte === 5)).toBe(true);
    };
    take();
    await untilCollected(() => memoryFiles() <= before);
    expect(memoryFiles()).toBeLessThanOrEqual(before);
  });
});

test('several views and the array itself in one message share one buffer over there', async () => {
  using array = new SharedArray('I', 16);
  using queue = new Queue<unknown>();
  const memory = array.view.buffer as ArrayBuffer;
  queue.putSync({ array, views: [new Uint8Array(memory, 4), Buffer.from(memory), array.view], memory });
  const got = queue.getSync() as { array: SharedArray<'I'>; views: ArrayBufferView[]; memory: ArrayBuffer };
  const buffers = [...got.views.map((view) => view.buffer), got.memory, got.array.view.buffer];
  expect(new Set(buffers).size).toBe(1);
  got.array.close();
});

test('in the arguments of a process, every kind', async () => {
  const array = new SharedArray('B', 64);
  using queue = new Queue<unknown>();
  const memory = array.view.buffer as ArrayBuffer;
  const views = [new Int16Array(memory, 2, 3), new DataView(memory, 10, 2), Buffer.from(memory, 20, 4), memory];
  const child = start('countUp', views, queue);
  const { view } = array;
  array.close();
  expect(await child.join()).toBe(0);
  expect(await queue.get()).toEqual([
    ['Int16Array', 2, 6, 64],
    ['DataView', 10, 2, 64],
    ['Buffer', 20, 4, 64],
    ['ArrayBuffer', undefined, 64, undefined],
  ]);
  const expected = new Uint8Array(64).fill(1);
  for (const [from, to] of [[2, 8], [10, 12], [20, 24]] as const) expected.fill(2, from, to); // prettier-ignore
  expect([...view]).toEqual([...expected]);
});

test('a child that is killed before it has them leaves them with us', async () => {
  using queue = new Queue<{ view: Uint8Array }>();
  const array = new SharedArray('B', [1, 2, 3]);
  const { view } = array;
  const child = start('countUp', [view], queue);
  child.kill();
  expect(await child.join()).toBe(-9);
  array.close();
  queue.putSync({ view });
  expect([...queue.getSync().view]).toEqual([1, 2, 3]);
});

test('sent as bytes it is a copy', () => {
  using array = new SharedArray('B', [1, 2, 3]);
  const [near, far] = Pipe();
  near.sendBytesSync(array.view);
  const copy = far.recvBytesSync();
  array.set(0, 9);
  expect([...copy]).toEqual([1, 2, 3]);
  near.close();
  far.close();
});

test('an array without elements', () => {
  using array = new SharedArray('d', 0);
  using queue = new Queue<{ view: Float64Array; memory: ArrayBuffer }>();
  queue.putSync({ view: array.view, memory: array.view.buffer as ArrayBuffer });
  const { view, memory } = queue.getSync();
  expect(view).toEqual(new Float64Array(0));
  expect(view.buffer).toBe(memory);
});
