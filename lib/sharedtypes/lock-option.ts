/** The `lock` of a Value or an Array: a new RLock, a lock that is given, or none. */
import { checkOptions, invalidArgument } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import type { NameOptions } from '../memory/shared-object.js';
import { Lock } from '../sync/lock.js';
import type { SyncWaitOptions, WaitOptions } from '../sync/loop-waits.js';
import { lockOfNamed, RLock } from '../sync/rlock.js';

/** How a shared value or array is found and locked. */
export interface SharedOptions extends NameOptions {
  /** true (default): an RLock of its own; a lock: that one; false: none. */
  lock?: boolean | Lock | RLock;
}

/** @internal TypeError unless `lock` is one of what it may be. */
export function checkLockOption(options: SharedOptions | undefined): void {
  const lock = checkOptions(options)?.lock;
  if (lock === undefined || typeof lock === 'boolean' || lock instanceof Lock) return;
  throw invalidArgument(TypeError, 'lock must be true, false, a Lock or an RLock', lock);
}

/** @internal A value's or an array's lock, and whether it is to be closed with it. */
export class OwnLock {
  readonly lock: Lock | undefined;
  readonly #ours: boolean;

  constructor(lock: Lock | undefined, ours: boolean) {
    this.lock = lock;
    this.#ours = ours;
  }

  /** REQUIRES: checkLockOption(options), and that the object is made: else a named lock might stay of one that is not. */
  static of(options: SharedOptions | undefined): OwnLock {
    const lock = options?.lock ?? true;
    if (lock === false) return new OwnLock(undefined, false);
    if (lock !== true) return new OwnLock(lock, false);
    return new OwnLock(options?.name === undefined ? new RLock() : lockOfNamed(options.name), true);
  }

  /** Throws StateError when there is none. */
  get(asked: string): Lock {
    if (this.lock !== undefined) return this.lock;
    throw createError('ERR_PROCLOOM_STATE', asked, {
      why: 'it was made with lock: false',
      remedy: 'Make it with a lock, or use add() and compareExchange().',
    });
  }

  with<T>(asked: string, fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    try {
      return this.get(asked).with(fn, options);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  withSync<T>(asked: string, fn: () => T, options?: SyncWaitOptions): T {
    return this.get(asked).withSync(fn, options);
  }

  close(): void {
    if (this.#ours) this.lock?.close();
  }
}
