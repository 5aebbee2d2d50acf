/**
 * wait: for whichever of several objects is ready first.
 *
 *     wait      a wait of each object's kind in its line; the first to end ends the others
 *     waitSync  this thread's doorbell is hung at all of them, and it sleeps on that
 */
/* oxlint-disable typescript/no-explicit-any -- queues of anything */
import { native } from '../addon/loader.js';
import { type Handle, POINT_ACQUIRE, POINT_READ } from '../addon/native.js';
import { END, orThrow, SHUT_DOWN, statusError, TIMEOUT } from '../addon/status-error.js';
import { Connection } from '../connection/connection.js';
import { checkIterable, invalidArgument } from '../errors/arguments.js';
import { Process } from '../process/process.js';
import { ItemQueue } from '../queue/item-queue.js';
import type { Queue } from '../queue/queue.js';
import type { SimpleQueue } from '../queue/simple-queue.js';
import { Event } from '../sync/event.js';
import {
  checkWait,
  MUST_WAIT,
  nobodyWaits,
  restOf,
  type SyncWaitOptions,
  syncTimeout,
  takeBreath,
  type WaitOptions,
  waitOnLoop,
} from '../sync/loop-waits.js';
import { Semaphore } from '../sync/semaphore.js';

/** What can be waited for together. */
export type Waitable = Connection | Process | Queue<any> | SimpleQueue<any> | Event | Semaphore;

/** One of the objects, as both ways of waiting see it. */
interface Source<T> {
  object: T;
  isReady(): boolean;
  /** Resolves when it may be ready. */
  later(options: WaitOptions): Promise<unknown>;
  /** Where the doorbell is hung; none for processes (other than threads), whose ends the system tells. */
  handle?: Handle;
  point?: number;
  pid?: number;
}

/**
 * The objects that are ready, in their order; nothing is taken. Ready is: something to receive or to get (or the end of
 * it), a process that has ended, an event that is set, a permit that is free. None when the timeout passed first, or when
 * there are no objects.
 *
 * Python: `multiprocessing.connection.wait`, which takes connections, sentinels and sockets.
 */
export async function wait<T extends Waitable>(objects: Iterable<T>, options?: WaitOptions): Promise<T[]> {
  const { timeoutMs, signal } = checkWait(options);
  const sources = sourcesOf(objects, 'wait()');
  const rest = restOf(timeoutMs);
  for (;;) {
    const ready = readyOf(sources);
    const timeout = rest();
    if (ready.length > 0 || sources.length === 0 || timeout === 0) return takeBreath(ready);
    const over = new AbortController();
    const ending = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
    const waits = sources.map((source) =>
      source.later({
        signal: ending,
        ...(timeout > 0 && { timeout }),
        ...(options?.ref !== undefined && { ref: options.ref }),
      }),
    );
    try {
      await Promise.race(waits);
    } finally {
      over.abort();
      for (const other of waits) other.catch(() => {}); // it was ended by us
    }
  }
}

/** The same, blocking. */
export function waitSync<T extends Waitable>(objects: Iterable<T>, options?: SyncWaitOptions): T[] {
  const asked = 'waitSync()';
  const rest = restOf(syncTimeout(options));
  const sources = sourcesOf(objects, asked);
  const hung = sources.filter(({ handle }) => handle !== undefined);
  const pids = Int32Array.from(sources.flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
  for (;;) {
    let ready = readyOf(sources);
    if (ready.length > 0 || sources.length === 0 || rest() === 0) return ready;
    try {
      for (const { handle, point } of hung) orThrow(native.bellWatch(handle!, point!), asked);
      // Between the look and the watch it may have become ready: only after another look may it be slept.
      ready = readyOf(sources);
      if (ready.length > 0) return ready;
      orThrow(native.bellSleep(pids, rest()), asked);
    } finally {
      // A promise of this thread that waits at the same place goes on waiting there.
      for (const { handle, point } of hung) if (nobodyWaits(handle!, point!)) native.bellUnwatch(handle!, point!);
    }
  }
}

function readyOf<T>(sources: readonly Source<T>[]): T[] {
  return sources.filter((source) => source.isReady()).map(({ object }) => object);
}

function sourcesOf<T extends Waitable>(objects: Iterable<T>, asked: string): Source<T>[] {
  return [...new Set(checkIterable(`${asked}: objects`, objects))].map((object) => sourceOf(object, asked));
}

function sourceOf<T extends Waitable>(object: T, asked: string): Source<T> {
  if (object instanceof Process) return processSource(object);
  if (object instanceof Connection || object instanceof ItemQueue) {
    return sharedSource(object, POINT_READ, asked, () => hasNext(object.handle, asked));
  }
  if (object instanceof Event) return sharedSource(object, POINT_ACQUIRE, asked, () => object.isSet());
  if (object instanceof Semaphore) return sharedSource(object, POINT_ACQUIRE, asked, () => object.getValue() > 0);
  throw invalidArgument(
    TypeError,
    `${asked}: objects must be connections, queues, processes, events or semaphores`,
    object,
  );
}

function hasNext(handle: Handle, asked: string): boolean {
  const next = native.peek(handle, 0);
  if (next === TIMEOUT) return false;
  if (next >= 0 || next === END || next === SHUT_DOWN) return true;
  throw statusError(next, asked);
}

function sharedSource<T extends { handle: Handle }>(
  object: T,
  point: number,
  asked: string,
  isReady: () => boolean,
): Source<T> {
  return {
    object,
    isReady,
    handle: object.handle,
    point,
    later: (options) =>
      waitOnLoop<boolean>(
        { owner: object, point, asked, attempt: () => isReady() || MUST_WAIT, timedOut: () => false },
        options,
      ),
  };
}

function processSource<T extends Process>(process: T): Source<T> {
  process.joinSync({ timeout: 0 }); // throws if it was not started, or is closed
  const end = process.endIsOf() ?? { pid: process.pid! };
  return {
    object: process,
    isReady: () => !process.isAlive(),
    ...('pid' in end ? { pid: end.pid } : { handle: end.event, point: POINT_ACQUIRE }),
    later: (options) => process.join(options),
  };
}
