/** Queue: first in, first out, between any number of processes and threads. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_READ, POINT_WRITE } from '../addon/native.js';
import { orThrow, statusError, TIMEOUT } from '../addon/status-error.js';
import { checkBoolean, checkInteger, checkOptions } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { ShutDown } from '../errors/errors.js';
import { checkNameOptions, type NameOptions, openReference, SharedObject } from '../memory/shared-object.js';
import { NOTHING, ParkedMessage, putValue, takeStatus, takeValue } from '../ring/messages.js';
import { registerShareable } from '../serialize/shareables.js';
import {
  MUST_WAIT,
  nobodyWaits,
  rejectWaits,
  type SyncWaitOptions,
  syncTimeout,
  takeBreath,
  type WaitOptions,
  waitOnLoop,
} from '../sync/loop-waits.js';

/** How a queue is bounded and found. */
export interface QueueOptions extends NameOptions {
  /** Bound in bytes, counting 8 for each item; a single item of any size passes. Without it `maxsize` alone bounds it. */
  capacity?: number;
}

/** More items than that no queue holds. */
const MOST_ITEMS = 2 ** 26 - 2;
const MOST_CAPACITY = 2 ** 38;

/** @internal Stands for maxsize: opens what was made over there. */
class OpenedQueue {
  readonly reference: string;

  constructor(reference: string) {
    this.reference = reference;
  }
}

/**
 * First in, first out, many producers, many consumers, any mix of processes and threads. put() waits while `maxsize`
 * items (0 or less: no limit) or `capacity` bytes are queued.
 *
 * The value is encoded before put() returns, so an item that cannot travel is the caller's error, and what is put is
 * visible to every get() at once: empty(), full() and qsize() are exact at the moment of the call. A process killed at
 * any instruction of put() or get() neither loses another's item nor tears one nor blocks the others.
 *
 * Python: `multiprocessing.Queue`. There a thread feeds the pipe later: items that cannot travel are printed and lost,
 * and empty() may be true right after put().
 */
export class Queue<T = unknown> extends SharedObject implements AsyncIterable<T> {
  readonly #maxsize: number;

  constructor(maxsize: number = 0, options?: QueueOptions) {
    super(openOrCreate(maxsize, options));
    this.#maxsize = orThrow(native.queueMaxsize(this.handle), 'new Queue()');
  }

  /** The most items it holds; 0 when their number is not limited. */
  get maxsize(): number {
    return this.#maxsize;
  }

  /** Resolves when the item is in the queue. Full when the timeout passed, ShutDown when the queue has ended. */
  put(item: T, options?: WaitOptions): Promise<void> {
    if (options === undefined && nobodyWaits(this.handle, POINT_WRITE)) {
      try {
        const status = putValue(this.handle, item, 0);
        if (status === 0) return takeBreath(undefined);
        if (status !== TIMEOUT) throw statusError(status, 'queue.put()');
      } catch (error) {
        return Promise.reject(error as Error);
      }
    }
    return this.#putLater(item, options);
  }

  async #putLater(item: T, options: WaitOptions | undefined): Promise<void> {
    const message = new ParkedMessage(item);
    try {
      await waitOnLoop<void>(
        {
          owner: this,
          point: POINT_WRITE,
          asked: 'queue.put()',
          attempt: () => {
            const status = message.put(this.handle);
            if (status === TIMEOUT) return MUST_WAIT;
            orThrow(status, 'queue.put()');
            return undefined;
          },
          timedOut: () => {
            throw this.#full('queue.put()');
          },
        },
        options,
      );
    } finally {
      message.forget();
    }
  }

  putSync(item: T, options?: SyncWaitOptions): void {
    const status = putValue(this.handle, item, options === undefined ? -1 : syncTimeout(options));
    if (status !== 0) throw status === TIMEOUT ? this.#full('queue.putSync()') : statusError(status, 'queue.putSync()');
  }

  /** Puts it if there is room now, else throws Full. */
  putNowait(item: T): void {
    const status = putValue(this.handle, item, 0);
    if (status !== 0)
      throw status === TIMEOUT ? this.#full('queue.putNowait()') : statusError(status, 'queue.putNowait()');
  }

  #full(asked: string): Error {
    const why =
      this.#maxsize > 0 ? `the queue holds its maxsize of ${this.#maxsize} items, or its capacity of bytes` : undefined;
    return createError('ERR_PROCLOOM_FULL', asked, why === undefined ? undefined : { why });
  }

  /** Resolves with the next item. Empty when the timeout passed, ShutDown when the queue has ended and is empty. */
  get(options?: WaitOptions): Promise<T> {
    return waitOnLoop<T>(
      {
        owner: this,
        point: POINT_READ,
        asked: 'queue.get()',
        attempt: () => {
          const item = takeValue(this.handle, 0);
          if (item !== NOTHING) return item as T;
          if (takeStatus === TIMEOUT) return MUST_WAIT;
          throw statusError(takeStatus, 'queue.get()');
        },
        timedOut: () => {
          throw createError('ERR_PROCLOOM_EMPTY', 'queue.get()');
        },
      },
      options,
    );
  }

  getSync(options?: SyncWaitOptions): T {
    return this.#take(options === undefined ? -1 : syncTimeout(options), 'queue.getSync()');
  }

  /** The next item if there is one now, else throws Empty. */
  getNowait(): T {
    return this.#take(0, 'queue.getNowait()');
  }

  #take(timeoutMs: number, asked: string): T {
    const item = takeValue(this.handle, timeoutMs);
    if (item !== NOTHING) return item as T;
    throw takeStatus === TIMEOUT ? createError('ERR_PROCLOOM_EMPTY', asked) : statusError(takeStatus, asked);
  }

  /** Items in the queue now. */
  qsize(): number {
    return orThrow(native.count(this.handle), 'queue.qsize()');
  }

  empty(): boolean {
    return orThrow(native.count(this.handle), 'queue.empty()') === 0;
  }

  /** Whether put() would have to wait for its maxsize or its capacity. */
  full(): boolean {
    return orThrow(native.full(this.handle), 'queue.full()') === 1;
  }

  /**
   * Ends the queue for everyone: put() throws ShutDown at once, get() after the last item; iteration ends.
   * `immediate`: queued items are dropped.
   */
  shutdown(options?: { immediate?: boolean }): void {
    const immediate = checkBoolean('immediate', checkOptions(options)?.immediate ?? false);
    orThrow(native.shutdown(this.handle, immediate), 'queue.shutdown()');
  }

  /** Kept for Python's programs: there is no feeder thread, so it resolves at once, also after close(). */
  async joinThread(): Promise<void> {}

  /** Kept for Python's programs: there is no feeder thread. */
  cancelJoinThread(): void {}

  /** Item after item, until the queue is shut down. */
  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if (error instanceof ShutDown) return;
        throw error;
      }
      yield item;
    }
  }

  protected override closing(handle: Handle): void {
    rejectWaits(this, handle);
  }
}

function openOrCreate(maxsize: number | OpenedQueue, options: QueueOptions | undefined): Handle {
  const kind = native.kind.QUEUE;
  if (maxsize instanceof OpenedQueue) return openReference(maxsize.reference, kind);
  const items = Math.max(0, checkInteger('maxsize', maxsize, undefined, MOST_ITEMS));
  const capacity = checkOptions(options)?.capacity;
  const bytes = capacity === undefined ? 0 : checkInteger('capacity', capacity, 1, MOST_CAPACITY);
  const { name, opening } = checkNameOptions(options);
  const asked = `new Queue(${items}${name === '' ? '' : `, { name: '${name}' }`})`;
  return orThrow(native.queueCreate(name, opening, kind, items, bytes), asked);
}

registerShareable(Queue, {
  kind: 'Queue',
  describe: (queue: Queue) => queue.reference(),
  revive: (reference: string) => new Queue(new OpenedQueue(reference) as unknown as number),
});
