/** Lock: mutual exclusion between processes and threads. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_ACQUIRE } from '../addon/native.js';
import { HANDLE, quick } from '../addon/quick.js';
import { orThrow, statusError, TIMEOUT } from '../addon/status-error.js';
import { checkChoice, checkOptions } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { OwnerDiedError } from '../errors/errors.js';
import { checkNameOptions, type NameOptions, openReference } from '../memory/shared-object.js';
import { registerShareable } from '../serialize/shareables.js';
import { Acquirable, type Guard, HeldGuard } from './acquirable.js';
import { MUST_WAIT, type SyncWaitOptions, syncTimeout, type WaitOptions, waitOnLoop } from './loop-waits.js';

const { lockAcquire, lockTake, lockTry, lockRelease, lockReleaseMarked, lockOwner, lockAbandoned } = native;

/** What to do when the process or thread that held a lock died: hand it on and say so, or throw. */
export type OwnerDeathPolicy = 'recover' | 'throw';

/** How a lock is found, and what its next owner is told when one died. */
export interface LockOptions extends NameOptions {
  onOwnerDeath?: OwnerDeathPolicy;
}

/** @internal An object made over there, opened here. */
export interface LockReference {
  reference: string;
  policy: OwnerDeathPolicy;
}

/** @internal Stands for constructor options: take over this handle. */
export class OpenedLock {
  readonly handle: Handle;
  readonly policy: OwnerDeathPolicy;

  constructor(handle: Handle, policy: OwnerDeathPolicy) {
    this.handle = handle;
    this.policy = policy;
  }

  static from(kind: number, { reference, policy }: LockReference): OpenedLock {
    return new OpenedLock(openReference(reference, kind), policy === 'throw' ? 'throw' : 'recover');
  }
}

/**
 * @internal How one who let go of a lock has it back: awaited or blocking. OwnerDiedError as from acquire(): it is held
 * then; with any other error it is not.
 */
export interface Regain {
  later(ref: boolean | undefined): Promise<void>;
  now(): void;
}

/**
 * Mutual exclusion between processes and threads; not re-entrant; any holder of the object may release it.
 *
 * If the process or thread that took it ends without releasing (killed, exited, thrown), the next acquirer gets it
 * (policy 'recover', the default; `abandoned` is true while it is held) or OwnerDiedError (policy 'throw': from acquire and
 * acquireSync the lock is then held by the caller, who repairs the data and releases; from with and guard it is let go and
 * stays marked, so that the next one is told too).
 *
 * Python: `multiprocessing.Lock`. There a dead owner's lock is never free again, and releasing an unlocked one is a
 * ValueError (here StateError).
 */
export class Lock extends Acquirable {
  readonly #policy: OwnerDeathPolicy;

  constructor(options?: LockOptions) {
    const opened = options instanceof OpenedLock ? options : createLock(new.target.prototype, options);
    super(opened.handle);
    this.#policy = opened.policy;
  }

  /** @internal Of the native object. */
  protected get kind(): number {
    return native.kind.LOCK;
  }

  acquire(options?: WaitOptions): Promise<boolean> {
    return this.awaitIt(options);
  }

  /** @internal `own` is called in the moment in which it is taken, before anything else of this thread can run. */
  protected awaitIt(
    options: WaitOptions | undefined,
    own?: () => void,
    asked: string = 'lock.acquire()',
  ): Promise<boolean> {
    return waitOnLoop(
      {
        owner: this,
        point: POINT_ACQUIRE,
        asked,
        attempt: () => {
          const status = lockTry(this.handle);
          if (status === TIMEOUT) return MUST_WAIT;
          if (status >= 0) own?.();
          return this.taken(status, asked);
        },
        timedOut: () => false,
      },
      options,
    );
  }

  acquireSync(options?: SyncWaitOptions): boolean {
    quick[HANDLE] = this.handle;
    const status = options === undefined ? lockTake() : lockAcquire(this.handle, syncTimeout(options));
    if (status === undefined || status === 0) return true;
    return status === TIMEOUT ? false : this.taken(status, 'lock.acquireSync()');
  }

  tryAcquire(): boolean {
    const status = lockTry(this.handle);
    if (status === 0) return true;
    return status === TIMEOUT ? false : this.taken(status, 'lock.tryAcquire()');
  }

  /** @internal Taken (0), taken from the dead (1), or a status to throw. */
  protected taken(status: number, asked: string): true {
    if (status < 0) throw statusError(status, asked);
    if (status === 1 && this.#policy === 'throw') {
      throw createError('ERR_PROCLOOM_OWNER_DIED', asked, {
        remedy: 'You hold it now: repair the data, then release().',
      });
    }
    return true;
  }

  // Whoever is not given the lock cannot mend the data: it is let go, and the next one is told too.
  protected override async enter(verb: string, options: WaitOptions | undefined): Promise<void> {
    try {
      await super.enter(verb, options);
    } catch (error) {
      if (error instanceof OwnerDiedError) this.releaseMarked();
      throw error;
    }
  }

  protected override enterSync(verb: string, options: SyncWaitOptions | undefined): void {
    try {
      super.enterSync(verb, options);
    } catch (error) {
      if (error instanceof OwnerDiedError) this.releaseMarked();
      throw error;
    }
  }

  // One who waited at a condition may have been told inside: what it did not mend, the next one is told of.
  protected override leave(failure: unknown): void {
    if (this.#policy === 'throw' && failure instanceof OwnerDiedError && this.abandoned) this.releaseMarked();
    else super.leave(failure);
  }

  /** @internal Lets go of what a dead owner left; the next one is told, too. */
  protected releaseMarked(): void {
    lockReleaseMarked(this.handle);
  }

  release(): void {
    quick[HANDLE] = this.handle;
    const status = lockRelease();
    if (status !== undefined) throw statusError(status, `${this.constructor.name.toLowerCase()}.release()`);
  }

  /** Whether anybody holds it. */
  locked(): boolean {
    return orThrow(lockOwner(this.handle), 'lock.locked()') !== 0;
  }

  /** True while it is held by one who took it from the dead. */
  get abandoned(): boolean {
    return orThrow(lockAbandoned(this.handle), 'lock.abandoned') === 1;
  }

  protected override held(): Guard {
    return new HeldGuard(() => this.release(), this.abandoned);
  }

  /** @internal Whether the caller holds it: of a Lock this thread, of an RLock its owner. */
  isHeld(asked: string): boolean {
    return orThrow(lockOwner(this.handle), asked) === native.token();
  }

  /**
   * @internal Lets go of it, however often it is held, so that its holder can have it back as it was.
   *
   * @param own makes that holder its owner again, in the moment in which it is taken
   */
  letGo(asked: string, own: () => void = () => {}): Regain {
    quick[HANDLE] = this.handle;
    const status = lockRelease();
    if (status !== undefined) throw statusError(status, asked);
    return {
      later: async (ref) => {
        await this.awaitIt(ref === false ? { ref } : undefined, own, asked);
      },
      now: () => {
        const taken = lockAcquire(this.handle, -1);
        if (taken >= 0) own();
        this.taken(taken, asked);
      },
    };
  }

  /** @internal */
  describe(): LockReference {
    return { reference: this.reference(), policy: this.#policy };
  }
}

function createLock(prototype: Lock, options: LockOptions | undefined): { handle: Handle; policy: OwnerDeathPolicy } {
  checkOptions(options);
  const { name, opening } = checkNameOptions(options);
  const policy = checkChoice('onOwnerDeath', options?.onOwnerDeath ?? 'recover', ['recover', 'throw']);
  const asked = `new ${prototype.constructor.name}(${name === '' ? '' : `{ name: '${name}' }`})`;
  return { handle: orThrow(native.lockCreate(prototype['kind'], name, opening), asked), policy };
}

registerShareable(Lock, {
  kind: 'Lock',
  describe: (lock: Lock) => lock.describe(),
  revive: (from: LockReference) => new Lock(OpenedLock.from(native.kind.LOCK, from) as LockOptions),
});
