// A loop of awaits that never has to wait, or only ever looks, still lets timers and I/O run.
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { Queue } from '../../lib/queue/queue.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Condition } from '../../lib/sync/condition.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { Semaphore } from '../../lib/sync/semaphore.js';

/** Far more turns than the promise is about, and few enough to end. */
const MANY = 200_000;

const lock = () => new Lock();
const held = (object: Lock | Semaphore) => {
  object.tryAcquire();
  return object;
};

const loops: Record<string, () => [turn: () => Promise<unknown>, close: () => void]> = {
  'lock.acquire()': () => on(lock(), (object) => object.acquire().then(() => object.release())),
  'lock.acquire({ timeout })': () =>
    on(lock(), (object) => object.acquire({ timeout: 1000 }).then(() => object.release())),
  'lock.acquire({ timeout: 0 }), held': () => on(held(lock()), (object) => object.acquire({ timeout: 0 })),
  'lock.with()': () => on(lock(), (object) => object.with(() => 1)),
  'rlock.acquire()': () => on(new RLock(), (object) => object.acquire().then(() => object.release())),
  'rlock.with()': () => on(new RLock(), (object) => object.with(() => 1)),
  'semaphore.acquire()': () => on(new Semaphore(1), (object) => object.acquire().then(() => object.release())),
  'semaphore.acquire({ timeout: 0 }), none free': () =>
    on(held(new Semaphore(1)), (object) => object.acquire({ timeout: 0 })),
  'condition.wait({ timeout: 0 })': () =>
    on(new Condition(), (object) => object.with(() => object.wait({ timeout: 0 }))),
  'value.update()': () => on(new Value('i'), (value) => value.update((before) => (before + 1) % 100)),
  'queue.put() and get()': () => on(new Queue(), (queue) => queue.put(1).then(() => queue.get())),
  'queue.get({ timeout: 0 }), empty': () => on(new Queue(), (queue) => queue.get({ timeout: 0 }).catch(() => {})),
  'queue.put({ timeout: 0 }), full': () => {
    const queue = new Queue(1);
    queue.putSync(1);
    return on(queue, () => queue.put(2, { timeout: 0 }).catch(() => {}));
  },
  'connection.send() and recv()': () => onPipe((a, b) => a.send(1).then(() => b.recv())),
  'connection.sendBytes() and recvBytes()': () =>
    onPipe((a, b) => a.sendBytes(Buffer.from('x')).then(() => b.recvBytes())),
  'connection.recvBytesInto()': () => {
    const into = new Uint8Array(8);
    return onPipe((a, b) => a.sendBytes(into).then(() => b.recvBytesInto(into)));
  },
  'connection.poll(), nothing there': () => onPipe((_a, b) => b.poll()),
  'connection.poll(), something there': () => {
    const [a, b] = Pipe();
    a.sendSync(1);
    return [() => b.poll({ timeout: 1000 }), () => [a, b].forEach((end) => end.close())];
  },
};

function on<T extends { close(): void }>(
  object: T,
  turn: (object: T) => Promise<unknown>,
): ReturnType<(typeof loops)[string]> {
  return [() => turn(object), () => object.close()];
}

function onPipe(turn: (...ends: ReturnType<typeof Pipe>) => Promise<unknown>): ReturnType<(typeof loops)[string]> {
  const ends = Pipe();
  return [() => turn(...ends), () => ends.forEach((end) => end.close())];
}

describe.each(Object.entries(loops))('%s', (_name, begin) => {
  test('lets timers, immediates and I/O run', async () => {
    const [turn, close] = begin();
    let ran = 0;
    setTimeout(() => ran++, 0);
    setImmediate(() => ran++);
    const reading = readFile(import.meta.filename).then(() => ran++);
    let turns = 0;
    while (ran < 3 && turns++ < MANY) await turn();
    expect(ran).toBe(3);
    await reading;
    close();
  });
});
