/**
 * What locks and semaphores have in common: with, guard and their blocking twins, over acquire and release.
 */
import { types } from 'node:util';

import type { Handle } from '../addon/native.js';
import { checkFunction, invalidArgument } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { SharedObject } from '../memory/shared-object.js';
import { rejectWaits, type SyncWaitOptions, type WaitOptions } from './loop-waits.js';

/** Held until disposed: `using held = lock.guardSync()`, `using held = await lock.guard()`. */
export interface Guard {
  /** Whether its owner before us died. */
  readonly abandoned: boolean;
  /** Lets go; again does nothing. */
  release(): void;
  [Symbol.dispose](): void;
}

export abstract class Acquirable extends SharedObject {
  /** Resolves true when taken, false when the timeout passed. */
  abstract acquire(options?: WaitOptions): Promise<boolean>;
  abstract acquireSync(options?: SyncWaitOptions): boolean;
  /** Takes it if that needs no waiting. */
  abstract tryAcquire(): boolean;
  abstract release(): void;

  /** Runs `fn` while holding it, and lets go however `fn` ends. Throws TimeoutError if it could not be taken. */
  async with<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction('fn', fn);
    await this.enter('with', options);
    let failure: unknown;
    try {
      return await fn();
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.leave(failure);
    }
  }

  /** The same, blocking. Refuses a function that returns a promise: the lock would be gone before it is done. */
  withSync<T>(fn: () => T, options?: SyncWaitOptions): T {
    checkFunction('fn', fn);
    this.enterSync('withSync', options);
    let failure: unknown;
    try {
      const result = fn();
      if (types.isPromise(result)) {
        result.then(undefined, () => {}); // its failure is not the news
        throw invalidArgument(TypeError, 'fn must not return a promise: use with() for asynchronous functions', result);
      }
      return result;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.leave(failure);
    }
  }

  async guard(options?: WaitOptions): Promise<Guard> {
    await this.enter('guard', options);
    return this.held();
  }

  guardSync(options?: SyncWaitOptions): Guard {
    this.enterSync('guardSync', options);
    return this.held();
  }

  /** @internal Takes it for a function or a guard, or throws. */
  protected async enter(verb: string, options: WaitOptions | undefined): Promise<void> {
    if (!(await this.acquire(options))) throw this.timedOut(verb);
  }

  /** @internal */
  protected enterSync(verb: string, options: SyncWaitOptions | undefined): void {
    if (!this.acquireSync(options)) throw this.timedOut(verb);
  }

  /** @internal Lets go after a function, which may have failed. */
  protected leave(_failure: unknown): void {
    this.release();
  }

  /** @internal The guard of what was just entered. */
  protected held(): Guard {
    return new HeldGuard(() => this.release(), false);
  }

  protected override closing(handle: Handle): void {
    rejectWaits(this, handle);
  }

  /** @internal */
  protected timedOut(verb: string): Error {
    return createError('ERR_PROCLOOM_TIMEOUT', `${this.constructor.name.toLowerCase()}.${verb}()`);
  }
}

/** A guard lets go once. */
export class HeldGuard implements Guard {
  readonly abandoned: boolean;
  #release: (() => void) | undefined;

  constructor(release: () => void, abandoned: boolean) {
    this.#release = release;
    this.abandoned = abandoned;
  }

  release(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
