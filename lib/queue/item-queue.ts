/** What all queues have in common: items go in at one side and come out at the other. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_READ } from '../addon/native.js';
import { orThrow, statusError, TIMEOUT } from '../addon/status-error.js';
import { checkInteger, checkOptions } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { checkNameOptions, type NameOptions, openReference, SharedObject } from '../memory/shared-object.js';
import { NOTHING, putValue, takeStatus, takeValue } from '../ring/messages.js';
import { putAwaited } from '../ring/put-awaited.js';
import {
  MUST_WAIT,
  rejectWaits,
  type SyncWaitOptions,
  syncTimeout,
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
  ackOnDeath: boolean = false,
): Handle {
  if (maxsize instanceof OpenedQueue) return openReference(maxsize.reference, native.kind[kind]);
  const items = Math.max(0, checkInteger('maxsize', maxsize, undefined, MOST_ITEMS));
  const capacity = checkOptions(options)?.capacity;
  const bytes = capacity === undefined ? 0 : checkInteger('capacity', capacity, 1, MOST_CAPACITY);
  const { name, opening } = checkNameOptions(options);
  const asked = `new ${constructors[kind]}(${items}${name === '' ? '' : `, { name: '${name}' }`})`;
  return orThrow(native.queueCreate(name, opening, native.kind[kind], items, bytes, ackOnDeath), asked);
}

const constructors = { QUEUE: 'Queue', JOINABLE_QUEUE: 'JoinableQueue', SIMPLE_QUEUE: 'SimpleQueue' };

/** @internal Says what bounds the queue, and how many of several items went in. */
export function fullError(queue: { handle: Handle }, asked: string, count?: number): Error {
  const maxsize = orThrow(native.queueMaxsize(queue.handle), asked);
  const why = `the queue holds its maxsize of ${maxsize} items, or its capacity of bytes`;
  return createError('ERR_PROCLOOM_FULL', asked, {
    ...(maxsize > 0 && { why }),
    ...(count !== undefined && { count }),
  });
}

/** @internal What is thrown where `takeStatus` says why there is no item. */
export function noItem(asked: string): Error {
  return takeStatus === TIMEOUT ? createError('ERR_PROCLOOM_EMPTY', asked) : statusError(takeStatus, asked);
}

export abstract class ItemQueue<T> extends SharedObject {
  /** Resolves when the item is in the queue. Full when the timeout passed, ShutDown when the queue has ended. */
  put(item: T, options?: WaitOptions): Promise<void> {
    return putAwaited(this, item, options, 'queue.put()', fullError);
  }

  putSync(item: T, options?: SyncWaitOptions): void {
    const status = putValue(this.handle, item, options === undefined ? -1 : syncTimeout(options));
    if (status !== 0)
      throw status === TIMEOUT ? fullError(this, 'queue.putSync()') : statusError(status, 'queue.putSync()');
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
          throw noItem('queue.get()');
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
    throw noItem(asked);
  }

  empty(): boolean {
    return orThrow(native.count(this.handle), 'queue.empty()') === 0;
  }

  protected override closing(handle: Handle): void {
    rejectWaits(this, handle);
  }
}
