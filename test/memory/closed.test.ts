// Every verb of every class, after close(): ClosedError with a sentence, from blocking and awaited twins alike.
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { ClosedError } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Barrier } from '../../lib/sync/barrier.js';
import { Condition } from '../../lib/sync/condition.js';
import { Event } from '../../lib/sync/event.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { BoundedSemaphore, Semaphore } from '../../lib/sync/semaphore.js';
import { expectFailure } from './failures.js';

type Verbs<T> = Record<string, (object: T) => unknown>;
type Row = [name: string, make: () => { close(): void; [Symbol.dispose](): void }, verbs: Verbs<never>];

function row<T extends { close(): void; [Symbol.dispose](): void }>(name: string, make: () => T, verbs: Verbs<T>): Row {
  return [name, make, verbs as unknown as Verbs<never>];
}

const bytes = new Uint8Array(8);

const acquirable: Verbs<Lock | Semaphore> = {
  'acquire()': (o) => o.acquire(),
  'acquire({ timeout: 0 })': (o) => o.acquire({ timeout: 0 }),
  'acquireSync()': (o) => o.acquireSync(),
  'acquireSync({ timeout: 0 })': (o) => o.acquireSync({ timeout: 0 }),
  'tryAcquire()': (o) => o.tryAcquire(),
  'release()': (o) => o.release(),
  'locked()': (o) => o.locked(),
  'with()': (o) => o.with(() => 1),
  'withSync()': (o) => o.withSync(() => 1),
  'guard()': (o) => o.guard(),
  'guardSync()': (o) => o.guardSync(),
};

function farEnd() {
  const [near, far] = Pipe();
  near.close();
  return far;
}

const rows: Row[] = [
  row('Lock', () => new Lock(), { ...acquirable, abandoned: (lock) => lock.abandoned }),
  row('RLock', () => new RLock(), { ...acquirable, abandoned: (lock) => lock.abandoned }),
  row('Semaphore', () => new Semaphore(), { ...acquirable, 'getValue()': (semaphore) => semaphore.getValue() }),
  row('BoundedSemaphore', () => new BoundedSemaphore(), acquirable),
  row('Event', () => new Event(), {
    'set()': (event) => event.set(),
    'clear()': (event) => event.clear(),
    'isSet()': (event) => event.isSet(),
    'wait()': (event) => event.wait(),
    'wait({ timeout: 0 })': (event) => event.wait({ timeout: 0 }),
    'waitSync()': (event) => event.waitSync(),
    'waitSync({ timeout: 0 })': (event) => event.waitSync({ timeout: 0 }),
  }),
  row('Barrier', () => new Barrier(1, { action: () => expect.unreachable() }), {
    'wait()': (barrier) => barrier.wait(),
    'wait({ timeout: 0 })': (barrier) => barrier.wait({ timeout: 0 }),
    'waitSync()': (barrier) => barrier.waitSync(),
    'waitSync({ timeout: 0 })': (barrier) => barrier.waitSync({ timeout: 0 }),
    'reset()': (barrier) => barrier.reset(),
    'abort()': (barrier) => barrier.abort(),
    nWaiting: (barrier) => barrier.nWaiting,
    broken: (barrier) => barrier.broken,
  }),
  row('Condition', () => new Condition(), {
    ...acquirable,
    'locked()': (condition) => condition.lock.locked(),
    abandoned: (condition) => condition.abandoned,
    'wait()': (condition) => condition.wait(),
    'wait({ timeout: 0 })': (condition) => condition.wait({ timeout: 0 }),
    'waitSync()': (condition) => condition.waitSync(),
    'waitFor()': (condition) => condition.waitFor(() => true),
    'waitForSync()': (condition) => condition.waitForSync(() => true),
    'notify()': (condition) => condition.notify(),
    'notifyAll()': (condition) => condition.notifyAll(),
  }),
  row('Value', () => new Value('i'), {
    value: (value) => value.value,
    'value =': (value) => (value.value = 1),
    'add()': (value) => value.add(1),
    'compareExchange()': (value) => value.compareExchange(0, 1),
    'update()': (value) => value.update(() => 1),
    'updateSync()': (value) => value.updateSync(() => 1),
    'with()': (value) => value.with(() => 1),
    'withSync()': (value) => value.withSync(() => 1),
  }),
  row('SharedArray', () => new SharedArray('i', 3), {
    view: (array) => array.view,
    'get()': (array) => array.get(0),
    'set()': (array) => array.set(0, 1),
    'slice()': (array) => array.slice(),
    'toArray()': (array) => array.toArray(),
    'setAll()': (array) => array.setAll([1]),
    iteration: (array) => [...array],
    'with()': (array) => array.with(() => 1),
    'withSync()': (array) => array.withSync(() => 1),
  }),
  row('Queue', () => new Queue<unknown>(), {
    'put()': (queue) => queue.put(1),
    'put({ timeout: 0 })': (queue) => queue.put(1, { timeout: 0 }),
    'putSync()': (queue) => queue.putSync(1),
    'putSync() of 1 MiB': (queue) => queue.putSync(Buffer.alloc(1 << 20)),
    'putNowait()': (queue) => queue.putNowait(1),
    'get()': (queue) => queue.get(),
    'get({ timeout: 0 })': (queue) => queue.get({ timeout: 0 }),
    'getSync()': (queue) => queue.getSync(),
    'getNowait()': (queue) => queue.getNowait(),
    'qsize()': (queue) => queue.qsize(),
    'empty()': (queue) => queue.empty(),
    'full()': (queue) => queue.full(),
    'shutdown()': (queue) => queue.shutdown(),
    iteration: (queue) => queue[Symbol.asyncIterator]().next(),
  }),
  row('Connection', farEnd, {
    'send()': (end) => end.send(1),
    'send({ timeout: 0 })': (end) => end.send(1, { timeout: 0 }),
    'sendSync()': (end) => end.sendSync(1),
    'recv()': (end) => end.recv(),
    'recvSync()': (end) => end.recvSync(),
    'sendBytes()': (end) => end.sendBytes(bytes),
    'sendBytesSync()': (end) => end.sendBytesSync(bytes),
    'sendBytesSync({ size })': (end) => end.sendBytesSync(bytes, { size: 1 }),
    'recvBytes()': (end) => end.recvBytes(),
    'recvBytesSync()': (end) => end.recvBytesSync(),
    'recvBytesSync({ maxLength })': (end) => end.recvBytesSync({ maxLength: 1 }),
    'recvBytesInto()': (end) => end.recvBytesInto(bytes),
    'recvBytesIntoSync()': (end) => end.recvBytesIntoSync(bytes),
    'recvBytesIntoSync({ offset })': (end) => end.recvBytesIntoSync(bytes, { offset: 1 }),
    'poll()': (end) => end.poll(),
    'poll({ timeout })': (end) => end.poll({ timeout: 1000 }),
    'pollSync()': (end) => end.pollSync(),
    iteration: (end) => end[Symbol.asyncIterator]().next(),
  }),
];

describe.each(rows)('%s', (_name, make, verbs) => {
  test.each(Object.entries(verbs))('%s', async (_verb, call) => {
    const object = make();
    object.close();
    const failure = await expectFailure(() => call(object as never), ClosedError, 'ERR_PROCLOOM_CLOSED');
    expect(failure.message).toMatch(/: this handle was closed\.$/);
  });

  test('close() again, and disposing of it, do nothing', () => {
    const object = make();
    object.close();
    object.close();
    object[Symbol.dispose]();
    expect(object.close()).toBeUndefined();
  });
});
