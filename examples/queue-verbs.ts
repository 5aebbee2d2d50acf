/** The verbs of a bounded queue: what it tells of itself, and three ways to wait: not at all, for a time, until it can go on. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { ClosedError, Empty, Full, isMainProcess, Process, Queue } from 'procloom';

/** Calls `wait`, which must fail with this error, and not before the time has passed. */
async function timesOut(ms: number, error: typeof Full | typeof Empty, wait: () => Promise<unknown>): Promise<void> {
  const begin = performance.now();
  await assert.rejects(wait, error);
  assert(performance.now() - begin > ms * 0.9);
}

export async function putTwo(queue: Queue): Promise<void> {
  // There is one place: the second put waits until somebody takes something.
  await queue.put('the fourth');
  await queue.put('the fifth');

  // An item is there when put() returns: no thread has to write it out first, so that these two have nothing to wait for,
  // and nothing to lose. What was put stays for the others after close(), and after this process.
  queue.cancelJoinThread();
  queue.close();
  await queue.joinThread();
  assert.throws(() => queue.qsize(), ClosedError);
}

if (isMainProcess()) {
  const queue = new Queue(3);
  assert(queue.empty());
  assert.throws(() => queue.getNowait(), Empty);
  assert.throws(() => queue.getSync({ timeout: 0 }), Empty);
  await timesOut(50, Empty, () => queue.get({ timeout: 50 }));

  await queue.put('the first');
  assert(!queue.empty() && !queue.full());
  queue.putSync(['the', 'second']);
  queue.putNowait(3);
  assert(queue.full());
  console.log(`${queue.qsize()} of ${queue.maxsize} places are taken`);
  assert.throws(() => queue.putNowait('one too many'), Full);
  assert.throws(() => queue.putSync('one too many', { timeout: 0 }), Full);
  await timesOut(50, Full, () => queue.put('one too many', { timeout: 50 }));

  // In the order in which they were put, whoever put them, and of whatever type they are.
  const items = [await queue.get()];
  const child = new Process({ target: putTwo, args: [queue] }).start();
  while (!queue.full()) await sleep(1);
  assert.equal(await child.join({ timeout: 20 }), null);
  items.push(await queue.get());
  assert.equal(await child.join(), 0);
  while (!queue.empty()) items.push(queue.getNowait());
  console.log(items);
  assert.deepEqual(items, ['the first', ['the', 'second'], 3, 'the fourth', 'the fifth']);
}
