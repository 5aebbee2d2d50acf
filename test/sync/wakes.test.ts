// What costs a system call, and what does not: letting go of something that nobody waits for makes none.
import { describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Condition } from '../../lib/sync/condition.js';
import { Event } from '../../lib/sync/event.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { BoundedSemaphore, Semaphore } from '../../lib/sync/semaphore.js';

const TIMES = 1000;

/** How often the kernel was asked to wake a thread, or a loop was rung, by this process. */
function wakesOf(work: () => void): { threads: number; loops: number } {
  const before = native.wakes();
  work();
  const after = native.wakes();
  return { threads: after.threads - before.threads, loops: after.loops - before.loops };
}

type Closeable = { close(): void };

/** An object, and a round of its verbs after which it is as before. */
const subjects: [string, () => { object: Closeable; round: () => void }][] = [
  ['Lock', () => pairOf(new Lock())],
  ['RLock', () => pairOf(new RLock())],
  ['Semaphore', () => pairOf(new Semaphore(1))],
  ['BoundedSemaphore', () => pairOf(new BoundedSemaphore(2))],
  ['the lock of a Value', () => ofValue()],
  ['Event', () => ofEvent()],
  ['Condition', () => ofCondition()],
];

function pairOf(object: Closeable & { acquireSync(): boolean; release(): void }) {
  return {
    object,
    round: () => {
      object.acquireSync();
      object.release();
    },
  };
}

function ofValue() {
  const object = new Value('i', 0);
  return { object, round: pairOf(object.getLock()).round };
}

function ofEvent() {
  const object = new Event();
  return {
    object,
    round: () => {
      object.set();
      object.clear();
    },
  };
}

function ofCondition() {
  const object = new Condition();
  return {
    object,
    round: () => {
      object.acquireSync();
      object.notifyAll();
      object.release();
    },
  };
}

describe('nobody waits', () => {
  test.each(subjects)('%s: no wake', (_name, make) => {
    const { object, round } = make();
    const wakes = wakesOf(() => {
      for (let i = 0; i < TIMES; i++) round();
    });
    expect(wakes).toEqual({ threads: 0, loops: 0 });
    object.close();
  });

  test('nor for a lock that is awaited, once nobody awaits it any more', async () => {
    using lock = new Lock();
    lock.acquireSync();
    const waiting = lock.acquire();
    lock.release();
    await waiting;
    lock.release();
    // The last one in the line may still find the mark of waiters, once.
    lock.acquireSync();
    lock.release();
    const wakes = wakesOf(() => {
      for (let i = 0; i < TIMES; i++) {
        lock.acquireSync();
        lock.release();
      }
    });
    expect(wakes).toEqual({ threads: 0, loops: 0 });
  });
});

test('somebody waits: one wake, which is what is counted', async () => {
  using lock = new Lock();
  lock.acquireSync();
  const waiting = lock.acquire();
  expect(wakesOf(() => lock.release()).threads).toBe(1);
  await waiting;
  lock.release();

  using event = new Event();
  const set = event.wait();
  expect(wakesOf(() => event.set()).threads).toBe(1);
  expect(wakesOf(() => event.set()).threads).toBe(0);
  await set;
});
