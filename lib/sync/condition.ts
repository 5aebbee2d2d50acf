/**
 * Condition: waiting, with a lock let go of, until somebody who holds that lock says so.
 *
 *   wait():  held → counted as waiting → lock let go of → notified, timed out, aborted or closed → held again → counted off
 *
 * It is counted off only when the lock is held again: who is killed in between leaves its notification to the others.
 */
import { types } from 'node:util';

import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_NOTIFIED } from '../addon/native.js';
import { CLOSED, orThrow, statusError } from '../addon/status-error.js';
import { checkFunction, checkInteger, checkOptions, invalidArgument } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { checkNameOptions, CLOSED_HANDLE, type NameOptions, openReference } from '../memory/shared-object.js';
import { registerShareable } from '../serialize/shareables.js';
import { Acquirable, type Guard } from './acquirable.js';
import { ConditionWait } from './condition-waits.js';
import { Lock } from './lock.js';
import {
  checkWait,
  MUST_WAIT,
  restOf,
  type SyncWaitOptions,
  syncTimeout,
  type WaitOptions,
  waitOnLoop,
} from './loop-waits.js';
import { LOCK_SUFFIX, lockOfNamed, RLock } from './rlock.js';

const MOST = 2 ** 31 - 1;

/** @internal What travels. */
interface ConditionReference {
  reference: string;
  lock: Lock | RLock;
  /** The lock came with the condition: it is closed with it, over there too. */
  ours: boolean;
}

/** @internal Stands for the lock: takes over what was opened. */
class OpenedCondition {
  readonly handle: Handle;
  readonly lock: Lock | RLock;
  readonly ours: boolean;

  constructor(handle: Handle, lock: Lock | RLock, ours: boolean) {
    this.handle = handle;
    this.lock = lock;
    this.ours = ours;
  }
}

/**
 * Condition variable over a Lock or an RLock (a new RLock without one).
 *
 * wait() lets go of the lock, however often an RLock is held, and has it back when it ends, in whatever way: notified
 * (true), timed out (false), aborted (the signal's reason), closed (ClosedError). Only a lock that is closed itself is
 * not had back; the one that came with the condition is closed with it. Exactly n of those that wait at notify(n) get true;
 * a notification of one that died or did not use it goes to another. With a lock of the policy 'throw', wait() throws
 * OwnerDiedError when it has the lock back from a dead owner: it is held, to mend what it guards, and a notification that
 * came meanwhile goes to another.
 *
 * wait() and notify() must be called by who holds the lock (over a Lock: by the thread that took it), else NotOwnerError.
 * Up to 120 processes and threads can wait on a condition at once, each with any number of waits; one more is a
 * SegmentError.
 *
 * Python: `multiprocessing.Condition`. There a notified process that is killed takes the notification with it, and may
 * hang notify(); wait() takes seconds and has no AbortSignal; without the lock it is a RuntimeError or AssertionError.
 */
export class Condition extends Acquirable {
  /** What it was made over. */
  readonly lock: Lock | RLock;
  readonly #ours: boolean;
  readonly #waits = new Set<ConditionWait>();

  /**
   * @param lock a new RLock without it; with a `name` one that whoever opens that name has too
   * @param options of a name that exists, the lock must be the one it was made over, else SegmentError
   */
  constructor(lock?: Lock | RLock, options?: NameOptions) {
    const opened = (lock as unknown) instanceof OpenedCondition ? lock : create(lock, options);
    const { handle, lock: its, ours } = opened as unknown as OpenedCondition;
    super(handle);
    this.lock = its;
    this.#ours = ours;
  }

  /** Whether its lock was taken from one that died. */
  get abandoned(): boolean {
    return this.#open('abandoned').abandoned;
  }

  /** Takes its lock, as do the other verbs of this kind: see there. */
  async acquire(options?: WaitOptions): Promise<boolean> {
    return this.#open('acquire()').acquire(options);
  }

  acquireSync(options?: SyncWaitOptions): boolean {
    return this.#open('acquireSync()').acquireSync(options);
  }

  tryAcquire(): boolean {
    return this.#open('tryAcquire()').tryAcquire();
  }

  release(): void {
    this.#open('release()').release();
  }

  override async with<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return this.#open('with()').with(fn, options);
  }

  override withSync<T>(fn: () => T, options?: SyncWaitOptions): T {
    return this.#open('withSync()').withSync(fn, options);
  }

  override async guard(options?: WaitOptions): Promise<Guard> {
    return this.#open('guard()').guard(options);
  }

  override guardSync(options?: SyncWaitOptions): Guard {
    return this.#open('guardSync()').guardSync(options);
  }

  /** Resolves true when notified, false when the timeout passed; the lock is held again either way. */
  async wait(options?: WaitOptions): Promise<boolean> {
    return this.#wait('condition.wait()', options);
  }

  /** The same, blocking. */
  waitSync(options?: SyncWaitOptions): boolean {
    return this.#waitSync('condition.waitSync()', syncTimeout(options));
  }

  /**
   * Waits until the predicate gives something true. Resolves with the last value of the predicate: a false one when the
   * timeout passed. The predicate is called with the lock held, and must not return a promise.
   */
  async waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<T> {
    const asked = 'condition.waitFor()';
    checkFunction('predicate', predicate);
    const rest = restOf(checkWait(options).timeoutMs);
    this.#checkHeld(asked);
    for (;;) {
      const value = valueOf(predicate);
      const timeout = rest();
      if (value || timeout === 0) return value;
      await this.#wait(asked, { ...options, timeout: timeout < 0 ? undefined : timeout });
    }
  }

  /** The same, blocking. */
  waitForSync<T>(predicate: () => T, options?: SyncWaitOptions): T {
    const asked = 'condition.waitForSync()';
    checkFunction('predicate', predicate);
    const rest = restOf(syncTimeout(options));
    this.#checkHeld(asked);
    for (;;) {
      const value = valueOf(predicate);
      const timeout = rest();
      if (value || timeout === 0) return value;
      this.#waitSync(asked, timeout);
    }
  }

  /** Notifies `n` (1 by default) of those that wait, or all if there are fewer. They go on when the lock is let go of. */
  notify(n: number = 1): void {
    checkInteger('n', n, 0, MOST);
    this.#checkHeld('condition.notify()');
    orThrow(native.conditionNotify(this.handle, n), 'condition.notify()');
  }

  /** Notifies all that wait. */
  notifyAll(): void {
    this.#checkHeld('condition.notifyAll()');
    orThrow(native.conditionNotify(this.handle, MOST), 'condition.notifyAll()');
  }

  async #wait(asked: string, options: WaitOptions | undefined): Promise<boolean> {
    const { signal } = checkWait(options);
    this.#checkHeld(asked);
    const wait = new ConditionWait(this.handle, asked);
    this.#waits.add(wait);
    let uses = false;
    let notified: boolean;
    try {
      const regain = this.lock.letGo(asked);
      try {
        await waitOnLoop(
          {
            owner: this,
            point: POINT_NOTIFIED,
            asked,
            attempt: () => (wait.look() ? true : MUST_WAIT),
            timedOut: () => false,
          },
          options,
        );
      } finally {
        await regain.later(options?.ref);
      }
      if (wait.over) throw statusError(CLOSED, asked);
      if (signal?.aborted) throw signal.reason;
      uses = true;
    } finally {
      this.#waits.delete(wait);
      notified = wait.end(uses);
    }
    return notified;
  }

  #waitSync(asked: string, timeoutMs: number): boolean {
    this.#checkHeld(asked);
    const wait = new ConditionWait(this.handle, asked);
    let uses = false;
    let notified: boolean;
    try {
      const regain = this.lock.letGo(asked);
      try {
        wait.sleep(timeoutMs);
      } finally {
        regain.now();
      }
      uses = true;
    } finally {
      notified = wait.end(uses);
    }
    return notified;
  }

  /** Its lock, if it is not closed. */
  #open(verb: string): Lock {
    if (this.handle === CLOSED_HANDLE) throw statusError(CLOSED, `condition.${verb}`);
    return this.lock;
  }

  #checkHeld(asked: string): void {
    if (this.handle === CLOSED_HANDLE) throw statusError(CLOSED, asked);
    if (this.lock.isHeld(asked)) return;
    throw createError('ERR_PROCLOOM_NOT_OWNER', asked, {
      why: 'its lock is not held by the caller',
      remedy: 'Call it inside of condition.with(fn), or between acquire() and release().',
    });
  }

  protected override closing(handle: Handle): void {
    for (const wait of this.#waits) wait.end(false);
    super.closing(handle);
    if (this.#ours) this.lock.close();
  }

  /** @internal */
  describe(): ConditionReference {
    return { reference: this.reference(), lock: this.lock, ours: this.#ours };
  }
}

function create(lock: Lock | RLock | undefined, options: NameOptions | undefined): OpenedCondition {
  if (lock !== undefined && !((lock as unknown) instanceof Lock)) {
    throw invalidArgument(TypeError, 'lock must be a Lock, an RLock or undefined', lock);
  }
  checkOptions(options);
  const { name, opening } = checkNameOptions(options);
  const asked = `new Condition(${name === '' ? '' : `${lock === undefined ? 'undefined' : 'lock'}, { name: '${name}' }`})`;
  if (lock?.handle === CLOSED_HANDLE) throw statusError(CLOSED, asked);
  const kind = lock === undefined || lock instanceof RLock ? native.kind.RLOCK : native.kind.LOCK;
  const own = lock === undefined || (name !== '' && lock.name === name + LOCK_SUFFIX);
  const handle = orThrow(native.conditionCreate(name, opening, kind, own ? '' : lock.reference()), asked);
  if (lock !== undefined) return new OpenedCondition(handle, lock, false);
  try {
    return new OpenedCondition(handle, name === '' ? new RLock() : lockOfNamed(name), true);
  } catch (error) {
    native.close(handle);
    throw error;
  }
}

function valueOf<T>(predicate: () => T): T {
  const value = predicate();
  if (!types.isPromise(value)) return value;
  value.then(undefined, () => {}); // its failure is not the news
  throw invalidArgument(TypeError, 'predicate must not return a promise', value);
}

registerShareable(Condition, {
  kind: 'Condition',
  describe: (condition: Condition) => condition.describe(),
  revive: ({ reference, lock, ours }: ConditionReference) => {
    if (!(lock instanceof Lock)) throw createError('ERR_PROCLOOM_DECODE', 'opening a Condition');
    const opened = new OpenedCondition(openReference(reference, native.kind.CONDITION), lock, ours === true);
    return new Condition(opened as unknown as Lock);
  },
});
