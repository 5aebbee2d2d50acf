/**
 * RLock: a lock that its owner may take again.
 *
 * The word in shared memory knows the thread only. Who within the thread owns it is known here, for all RLock objects of
 * the same handle:
 *
 *   scope   a with() that took it: what its function calls, awaited or blocking, belongs to it (AsyncLocalStorage)
 *   thread  a blocking acquire or tryAcquire outside such a scope, as in Python
 *   awaited an awaited acquire() or guard() outside such a scope: an owner of its own that does not nest
 */
import { AsyncLocalStorage } from 'node:async_hooks';

import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { OPEN_EITHER } from '../addon/native.js';
import { CLOSED, orThrow, statusError } from '../addon/status-error.js';
import { checkFunction } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { OwnerDiedError } from '../errors/errors.js';
import { CLOSED_HANDLE } from '../memory/shared-object.js';
import { registerShareable } from '../serialize/shareables.js';
import { Lock, type LockOptions, type LockReference, OpenedLock, type Regain } from './lock.js';
import { checkWait, type SyncWaitOptions, syncTimeout, type WaitOptions } from './loop-waits.js';

/** One with() in progress; the scopes around it are its ancestors. */
interface Scope {
  holding: Holding;
  parent: Scope | undefined;
  /** Not yet inside: what is acquired now is for the scope itself. */
  entering: boolean;
}

const THREAD = Symbol('this thread');
const AWAITED = Symbol('an awaited acquire');
type Owner = Scope | typeof THREAD | typeof AWAITED;

/** What this thread holds of one lock. */
interface Holding {
  readonly handle: Handle;
  owner: Owner | undefined;
  depth: number;
  /** RLock objects of this thread that share it. */
  objects: number;
}

const holdings = new Map<Handle, Holding>();
const scopes = new AsyncLocalStorage<Scope>();

function leaveHolding(holding: Holding): void {
  if (--holding.objects === 0 && holdings.get(holding.handle) === holding) holdings.delete(holding.handle);
}

/** Objects that nobody closed. */
const unreachable = new FinalizationRegistry<Holding>(leaveHolding);

/**
 * Re-entrant lock. Awaited re-entrance is by with(): inside `await rlock.with(fn)` everything that fn calls, awaited or
 * blocking, nests; functions running beside it do not. An awaited acquire() or guard() outside such a chain is an owner of
 * its own and does not nest. The owner of a blocking acquire or tryAcquire outside a chain is the thread, as in Python.
 *
 * A blocking acquire without a timeout that waits for an owner that only this thread's event loop could release throws
 * StateError instead of deadlocking. Release by a non-owner throws NotOwnerError (Python: AssertionError).
 */
export class RLock extends Lock {
  readonly #holding: Holding;

  constructor(options?: LockOptions) {
    super(options);
    const { handle } = this;
    const shared = holdings.get(handle) ?? { handle, owner: undefined, depth: 0, objects: 0 };
    shared.objects++;
    holdings.set(handle, shared);
    this.#holding = shared;
    unreachable.register(this, shared, this);
  }

  protected override get kind(): number {
    return native.kind.RLOCK;
  }

  /** How often its owner holds it; 0 for all others. */
  get depth(): number {
    return this.#isOwner() ? this.#holding.depth : 0;
  }

  override async acquire(options?: WaitOptions): Promise<boolean> {
    this.#checkOpen('acquire()');
    checkWait(options);
    if (this.#nests(this.#scope())) return true;
    const me = this.#scopeToOwn() ?? AWAITED;
    return this.awaitIt(options, () => this.#own(me));
  }

  override acquireSync(options?: SyncWaitOptions): boolean {
    this.#checkOpen('acquireSync()');
    const me = this.#scope() ?? THREAD;
    const timeout = syncTimeout(options);
    if (this.#nests(me)) return true;
    if (timeout < 0 && this.#holding.owner !== undefined) {
      throw createError('ERR_PROCLOOM_STATE', 'rlock.acquireSync()', {
        why: "it is held by something else in this thread, which only this thread's event loop could release",
        remedy: 'Await acquire() or with(), or give a timeout.',
      });
    }
    try {
      if (!super.acquireSync(options)) return false;
    } catch (error) {
      if (error instanceof OwnerDiedError) this.#own(me);
      throw error;
    }
    this.#own(me);
    return true;
  }

  override tryAcquire(): boolean {
    this.#checkOpen('tryAcquire()');
    const me = this.#scope() ?? THREAD;
    if (this.#nests(me)) return true;
    try {
      if (!super.tryAcquire()) return false;
    } catch (error) {
      if (error instanceof OwnerDiedError) this.#own(me);
      throw error;
    }
    this.#own(me);
    return true;
  }

  protected override leave(failure: unknown): void {
    // What is nested is not let go of yet: whoever is around it is told by the same error.
    super.leave(this.depth > 1 ? undefined : failure);
  }

  protected override releaseMarked(): void {
    this.#holding.owner = undefined;
    this.#holding.depth = 0;
    super.releaseMarked();
  }

  override release(): void {
    this.#checkOpen('release()');
    if (!this.#isOwner()) {
      throw createError('ERR_PROCLOOM_NOT_OWNER', 'rlock.release()', {
        remedy: 'Release it where it was acquired, once for each acquire that gave true.',
      });
    }
    if (--this.#holding.depth > 0) return;
    this.#holding.owner = undefined;
    super.release();
  }

  override async with<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    this.#checkOpen('with()');
    checkFunction('fn', fn);
    const around = this.#scope();
    if (around !== undefined) {
      checkWait(options);
      this.#nests(around);
      return this.#run(around, fn);
    }
    const scope: Scope = { holding: this.#holding, parent: scopes.getStore(), entering: true };
    return scopes.run(scope, async () => {
      // Inside its own scope already, so that what the acquire makes its owner is this scope.
      await this.enter('with', options);
      scope.entering = false;
      return this.#run(scope, fn);
    });
  }

  async #run<T>(scope: Scope, fn: () => T | PromiseLike<T>): Promise<T> {
    let failure: unknown;
    try {
      return await fn();
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // By the scope, not by who runs here: fn may have left its asynchronous context.
      if (this.#holding.owner === scope) scopes.run(scope, () => this.leave(failure));
    }
  }

  /** What this thread holds is another object's, too: a closed one must not touch it. */
  #checkOpen(verb: string): void {
    if (this.handle === CLOSED_HANDLE) throw statusError(CLOSED, `rlock.${verb}`);
  }

  #own(owner: Owner): void {
    this.#holding.owner = owner;
    this.#holding.depth = 1;
  }

  /** Counts one more if `me` owns it already. */
  #nests(me: Owner | undefined): boolean {
    if (me === undefined || this.#holding.owner !== me || me === AWAITED) return false;
    this.#holding.depth++;
    return true;
  }

  /** The scope around us that holds this lock. */
  #scope(): Scope | undefined {
    for (let scope = scopes.getStore(); scope !== undefined; scope = scope.parent) {
      if (scope.holding === this.#holding && this.#holding.owner === scope) return scope;
    }
    return undefined;
  }

  /** The scope around us that is for this lock and is just taking it. */
  #scopeToOwn(): Scope | undefined {
    const scope = scopes.getStore();
    return scope?.entering && scope.holding === this.#holding ? scope : undefined;
  }

  #isOwner(): boolean {
    const { owner } = this.#holding;
    if (owner === undefined) return false;
    if (owner === AWAITED) return true;
    // Blocking code is the thread's, whatever asynchronous chain it stands in.
    return owner === THREAD || this.#scope() === owner;
  }

  override isHeld(asked: string): boolean {
    if (this.handle === CLOSED_HANDLE) throw statusError(CLOSED, asked);
    return this.#isOwner();
  }

  override letGo(asked: string): Regain {
    const holding = this.#holding;
    const { owner, depth } = holding;
    holding.owner = undefined;
    holding.depth = 0;
    return super.letGo(asked, () => Object.assign(holding, { owner, depth }));
  }

  protected override closing(handle: Handle): void {
    super.closing(handle);
    unreachable.unregister(this);
    leaveHolding(this.#holding);
  }
}

/** @internal What belongs to a named object has its name with this suffix, which users cannot give. */
export const LOCK_SUFFIX = '~lock';

/** @internal The lock that belongs to the object of that name; who comes first makes it. */
export function lockOfNamed(name: string): RLock {
  const lock = name + LOCK_SUFFIX;
  const handle = orThrow(native.lockCreate(native.kind.RLOCK, lock, OPEN_EITHER), `the lock of '${name}'`);
  return new RLock(new OpenedLock(handle, 'recover') as LockOptions);
}

registerShareable(RLock, {
  kind: 'RLock',
  describe: (lock: RLock) => lock.describe(),
  revive: (from: LockReference) => new RLock(OpenedLock.from(native.kind.RLOCK, from) as LockOptions),
});
