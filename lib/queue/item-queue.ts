/** What all queues have in common: items go in at one side and come out at the other. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_READ, POINT_WRITE } from '../addon/native.js';
import { orThrow, statusError, TIMEOUT } from '../addon/status-error.js';
import { checkInteger, checkOptions } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { checkNameOptions, type NameOptions, openReference, SharedObject } from '../memory/shared-object.js';
import { NOTHING, ParkedMessage, putValue, takeStatus, takeValue } from '../ring/messages.js';
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

/** @internal Stands for the first argument of a constructor: opens what was made over there. */
export class OpenedQueue {
  readonly reference: string;

  constructor(reference: string) {
    this.reference = reference;
  }
}

/** @internal */
export function openOrCreateQueue(
  kind: 'QUEUE' | 'JOINABLE_QUEUE' | 'SIMPLE_QUEUE',
  maxsize: number | OpenedQueue,
  options: QueueOptions | undefined,
): Handle {
  if (maxsize instanceof OpenedQueue) return openReference(maxsize.reference, native.kind[kind]);
  const items = Math.max(0, checkInteger('maxsize', maxsize, undefined, MOST_ITEMS));
  const capacity = checkOptions(options)?.capacity;
  const bytes = capacity === undefined ? 0 : checkInteger('capacity', capacity, 1, MOST_CAPACITY);
  const { name, opening } = checkNameOptions(options);
  const asked = `new ${constructors[kind]}(${items}${name === '' ? '' : `, { name: '${name}' }`})`;
  return orThrow(native.queueCreate(name, opening, native.kind[kind], items, bytes), asked);
}

const constructors = { QUEUE: 'Queue', JOINABLE_QUEUE: 'JoinableQueue', SIMPLE_QUEUE: 'SimpleQueue' };

/** @internal How Full says what bounds a queue. */
const whyFull = (maxsize: number) =>
  maxsize > 0 ? { why: `the queue holds its maxsize of ${maxsize} items, or its capacity of bytes` } : undefined;

export abstract class ItemQueue<T> extends SharedObject {
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
            throw this.fullError('queue.put()');
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
    if (status !== 0)
      throw status === TIMEOUT ? this.fullError('queue.putSync()') : statusError(status, 'queue.putSync()');
  }

  /** @internal */
  protected fullError(asked: string, count?: number): Error {
    const maxsize = orThrow(native.queueMaxsize(this.handle), asked);
    return createError('ERR_PROCLOOM_FULL', asked, { ...whyFull(maxsize), ...(count === undefined ? {} : { count }) });
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
    return this.take(options === undefined ? -1 : syncTimeout(options), 'queue.getSync()');
  }

  /** @internal */
  protected take(timeoutMs: number, asked: string): T {
    const item = takeValue(this.handle, timeoutMs);
    if (item !== NOTHING) return item as T;
    throw takeStatus === TIMEOUT ? createError('ERR_PROCLOOM_EMPTY', asked) : statusError(takeStatus, asked);
  }

  empty(): boolean {
    return orThrow(native.count(this.handle), 'queue.empty()') === 0;
  }

  protected override closing(handle: Handle): void {
    rejectWaits(this, handle);
  }
}
