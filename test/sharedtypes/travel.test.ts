// Values and arrays on their way: through queues, pipes and arguments, inside other values.
import { expect, test } from 'vitest';

import type { Connection } from '../../lib/connection/connection.js';
import { Pipe } from '../../lib/connection/pipe.js';
import { ClosedError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Lock } from '../../lib/sync/lock.js';
import { expectFailure } from '../memory/failures.js';
import { fixture } from './program.js';
import { codes } from './types.js';

test('a child sets values of every type', async () => {
  const values = codes.map(([code, , good]) => new Value(code, good[0] as never));
  const next = codes.map(([, , good]) => good[1]);
  const child = new Process({ target: fixture('setAll'), args: [values, next] }).start();
  expect(await child.join()).toBe(0);
  expect(values.map(({ value }) => value)).toEqual(next);
  for (const value of values) value.close();
});

test('a child changes an array in place', async () => {
  using array = new SharedArray('i', [680, 626, 934, 821, 150, 233, 548, 982, 714, 831]);
  const expected = array.toArray();
  for (let i = 1; i < expected.length; i++) expected[i]! += expected[i - 1]!;
  const child = new Process({ target: fixture('squares'), args: [array] }).start();
  expect(await child.join()).toBe(0);
  expect(array.toArray()).toEqual(expected);
});

test('the lock goes along: its own, the one given, or none; closed by the sender at once', async () => {
  using lock = new Lock();
  lock.acquireSync();
  const values = [
    new Value('i', 1),
    new Value('i', 2, { lock }),
    new Value('i', 3, { lock: false }),
    new SharedArray('i', [4]),
    new SharedArray('i', [5], { lock }),
  ];
  using queue = new Queue<unknown>();
  const child = new Process({ target: fixture('describeThem'), args: [values, queue] }).start();
  for (const value of values) value.close();
  expect(await child.join()).toBe(0);
  expect(await queue.get()).toEqual([
    ['Value', 1, 'RLock', false],
    ['Value', 2, 'Lock', true],
    ['Value', 3, 'none', undefined],
    ['SharedArray', [4], 'RLock', false],
    ['SharedArray', [5], 'Lock', true],
  ]);
  lock.release();
});

test.each<[string, (value: unknown) => Promise<unknown>]>([
  ['a queue', throughQueue],
  ['a pipe', throughPipe],
])('through %s, nested, closed by the sender at once', async (_name, pass) => {
  const value = new Value('d', 0.5);
  const array = new SharedArray('u', 'text');
  const sent = { list: [value, new Map([['array', array]])], again: value, view: array.view.subarray(1) };
  const passing = pass(sent);
  value.close();
  array.close();
  const got = (await passing) as typeof sent;
  const arrived = got.list[0] as Value<'d'>;
  const arrivedArray = (got.list[1] as Map<string, SharedArray<'u'>>).get('array')!;
  expect(got.again).toBe(arrived);
  expect(arrived.value).toBe(0.5);
  expect(arrivedArray.toArray()).toEqual(['t', 'e', 'x', 't']);
  arrivedArray.set(1, 'E');
  expect(got.view[0]).toBe('E'.charCodeAt(0));
  arrived.close();
  arrivedArray.close();
});

async function throughQueue(value: unknown): Promise<unknown> {
  using queue = new Queue<unknown>();
  queue.putSync(value);
  await Promise.resolve();
  return queue.getSync();
}

async function throughPipe(value: unknown): Promise<unknown> {
  const [a, b] = Pipe() as [Connection, Connection];
  await a.send(value);
  try {
    return b.recvSync();
  } finally {
    a.close();
    b.close();
  }
}

test('what is in flight in a queue that goes away goes with it', () => {
  for (let round = 0; round < 50; round++) {
    using queue = new Queue<unknown>();
    using value = new Value('i', round);
    queue.putSync(value);
    queue.putSync(new SharedArray('i', 2000));
  }
  expect(new Value('i', 1).add(1)).toBe(1);
});

test('a closed one cannot be sent, and nothing is put', async () => {
  using queue = new Queue<unknown>();
  const value = new Value('i');
  const array = new SharedArray('i', 1);
  value.close();
  array.close();
  for (const sent of [value, array, [1, { value }], [array]]) {
    const failure = await expectFailure(() => queue.putSync(sent), ClosedError, 'ERR_PROCLOOM_CLOSED');
    expect(failure.message).toMatch(/sending a (Value|SharedArray): this handle was closed/);
    await expectFailure(() => queue.put(sent), ClosedError, 'ERR_PROCLOOM_CLOSED');
  }
  expect(queue.empty()).toBe(true);
});
