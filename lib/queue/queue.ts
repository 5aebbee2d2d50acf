/** Queue: first in, first out, between any number of processes and threads. */
import { native } from '../addon/loader.js';
import { type Handle, POINT_READ, POINT_WRITE } from '../addon/native.js';
import { orThrow, statusError, TIMEOUT } from '../addon/status-error.js';
import { checkBoolean, checkInteger, checkIterable, checkOptions } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { ShutDown } from '../errors/errors.js';
import { dropMessage, NOTHING, ParkedMessage, putValue, takeStatus, takeValue } from '../ring/messages.js';
import { registerShareable } from '../serialize/shareables.js';
import {
  MUST_WAIT,
  restOf,
  type SyncWaitOptions,
  syncTimeout,
  type WaitOptions,
  waitOnLoop,
} from '../sync/loop-waits.js';
import { fullError, ItemQueue, noItem, OpenedQueue, openOrCreateQueue, type QueueOptions } from './item-queue.js';

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
export class Queue<T = unknown> extends ItemQueue<T> implements AsyncIterable<T> {
  readonly #maxsize: number;
  #unopened: { error: unknown } | undefined;

  constructor(maxsize: number = 0, options?: QueueOptions) {
    super(new.target.prototype.open(maxsize, options));
    this.#maxsize = orThrow(native.queueMaxsize(this.handle), 'new Queue()');
  }

  /** @internal Of the prototype, as it makes the native object before there is a queue. */
  protected open(maxsize: number | OpenedQueue, options: QueueOptions | undefined): Handle {
    return openOrCreateQueue('QUEUE', maxsize, options);
  }

  /** The most items it holds; 0 when their number is not limited. */
  get maxsize(): number {
    return this.#maxsize;
  }

  /** Puts it if there is room now, else throws Full. */
  putNowait(item: T): void {
    const status = putValue(this.handle, item, 0);
    if (status !== 0)
      throw status === TIMEOUT ? fullError(this, 'queue.putNowait()') : statusError(status, 'queue.putNowait()');
  }

  /** The next item if there is one now, else throws Empty. */
  getNowait(): T {
    return this.take(0, 'queue.getNowait()');
  }

  /** Encodes all, then puts them in order. Full tells in `count` how many went in; those stay, as when it is aborted. */
  async putMany(items: Iterable<T>, options?: WaitOptions): Promise<void> {
    const asked = 'queue.putMany()';
    const messages = parkAll(items, asked);
    let count = 0;
    try {
      await waitOnLoop<void>(
        {
          owner: this,
          point: POINT_WRITE,
          asked,
          attempt: () => {
            for (; count < messages.length; count++) {
              const status = messages[count]!.put(this.handle);
              if (status === TIMEOUT) return MUST_WAIT;
              orThrow(status, asked);
            }
            return undefined;
          },
          timedOut: () => {
            throw fullError(this, asked, count);
          },
        },
        options,
      );
    } finally {
      for (const message of messages) message.forget();
    }
  }

  putManySync(items: Iterable<T>, options?: SyncWaitOptions): void {
    const asked = 'queue.putManySync()';
    const rest = restOf(options === undefined ? -1 : syncTimeout(options));
    const messages = parkAll(items, asked);
    try {
      for (const [count, message] of messages.entries()) {
        const status = message.put(this.handle, rest());
        if (status !== 0) throw status === TIMEOUT ? fullError(this, asked, count) : statusError(status, asked);
      }
    } finally {
      for (const message of messages) message.forget();
    }
  }

  /** Up to `max` (1 or more) items at once, waiting for the first only. A consumer killed with them in hand loses them. */
  async getMany(max: number, options?: WaitOptions): Promise<T[]> {
    const asked = 'queue.getMany()';
    checkInteger('max', max, 1);
    return waitOnLoop<T[]>(
      {
        owner: this,
        point: POINT_READ,
        asked,
        attempt: () => {
          const items = this.#takeMany(max, 0);
          if (items.length > 0) return items;
          if (takeStatus === TIMEOUT) return MUST_WAIT;
          throw noItem(asked);
        },
        timedOut: () => {
          throw createError('ERR_PROCLOOM_EMPTY', asked);
        },
      },
      options,
    );
  }

  getManySync(max: number, options?: SyncWaitOptions): T[] {
    const asked = 'queue.getManySync()';
    checkInteger('max', max, 1);
    const items = this.#takeMany(max, options === undefined ? -1 : syncTimeout(options));
    if (items.length > 0) return items;
    throw noItem(asked);
  }

  /** None: `takeStatus` says why. */
  #takeMany(max: number, timeoutMs: number): T[] {
    const items: T[] = [];
    if (this.#unopened !== undefined) {
      const { error } = this.#unopened;
      this.#unopened = undefined;
      throw error;
    }
    for (let timeout = timeoutMs; items.length < max; timeout = 0) {
      let item: unknown;
      try {
        item = takeValue(this.handle, timeout);
      } catch (error) {
        if (items.length === 0) throw error;
        // Those before it must not be lost with one that could not be opened: it is told of the next time.
        this.#unopened = { error };
        break;
      }
      if (item === NOTHING) break;
      items.push(item as T);
    }
    return items;
  }

  /** Items in the queue now. */
  qsize(): number {
    return orThrow(native.count(this.handle), 'queue.qsize()');
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
    const asked = 'queue.shutdown()';
    const dropped = immediate ? native.shutdownNow(this.handle) : native.shutdown(this.handle);
    if (typeof dropped === 'number') orThrow(dropped, asked);
    else for (const [codec, bytes] of dropped) dropMessage(codec, bytes);
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
}

/** Each encoded; none if one of them cannot be. */
function parkAll(items: Iterable<unknown>, asked: string): ParkedMessage[] {
  checkIterable(`${asked}: items`, items);
  const messages: ParkedMessage[] = [];
  try {
    for (const item of items) messages.push(new ParkedMessage(item));
  } catch (error) {
    for (const message of messages) message.forget();
    throw error;
  }
  return messages;
}

registerShareable(Queue, {
  kind: 'Queue',
  describe: (queue: Queue) => queue.reference(),
  revive: (reference: string) => new Queue(new OpenedQueue(reference) as unknown as number),
});
