// A thread that blocks in a verb can be terminated, and the process can end beside it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { Queue } from '../../lib/queue/queue.js';
import { Barrier } from '../../lib/sync/barrier.js';
import { Condition } from '../../lib/sync/condition.js';
import { Event } from '../../lib/sync/event.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { Semaphore } from '../../lib/sync/semaphore.js';
import { startThread } from './thread.js';

const held = <T extends Lock>(lock: T): T => {
  lock.acquireSync();
  return lock;
};
const full = (): Queue => {
  const queue = new Queue(1);
  queue.putSync(1);
  return queue;
};

test.each<[string, string, () => { close(): void }, (object: never) => void]>([
  ['Lock', 'acquireSync', () => held(new Lock()), (lock: Lock) => lock.release()],
  ['RLock', 'acquireSync', () => held(new RLock()), (lock: RLock) => lock.release()],
  ['Semaphore', 'acquireSync', () => new Semaphore(0), () => {}],
  ['owned Semaphore', 'acquireSync', () => new Semaphore(0, { owned: true }), () => {}],
  ['Event', 'waitSync', () => new Event(), () => {}],
  ['Condition', 'holdAndWait', () => new Condition(), () => {}],
  ['Barrier', 'waitSync', () => new Barrier(2), () => {}],
  ['empty Queue', 'getSync', () => new Queue(), () => {}],
  ['full Queue', 'putSync', () => full(), () => {}],
  ['Connection', 'recvSync', () => Pipe()[0], () => {}],
])('%s: a thread that blocks in %s is terminated', async (_name, verb, make, letGo) => {
  const object = make();
  using told = new Queue<string>();
  const { worker, ended } = startThread('blockIn', object, verb, told);
  expect(await told.get()).toBe('blocks');
  await worker.terminate();
  await ended;
  letGo(object as never);
  object.close();
});

test('what a terminated thread waited for goes to the next one', async () => {
  using lock = new Lock();
  using told = new Queue<string>();
  lock.acquireSync();
  const { worker, ended } = startThread('blockIn', lock, 'acquireSync', told);
  expect(await told.get()).toBe('blocks');
  await worker.terminate();
  await ended;
  lock.release();
  expect(lock.tryAcquire()).toBe(true);
  expect(lock.abandoned).toBe(false);
  lock.release();
});

test('a process ends though one of its threads blocks', async () => {
  const program = fileURLToPath(new URL('../fixtures/sync/exit-beside-blocked.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(stdout).toBe('ends\n');
});
