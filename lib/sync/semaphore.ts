/** Semaphore and BoundedSemaphore: permits that are taken and given. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_ACQUIRE } from '../addon/native.js';
import { NOT_LOCKED, orThrow, statusError, TIMEOUT } from '../addon/status-error.js';
import { checkInteger, checkOptions, invalidArgument } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { checkNameOptions, type NameOptions, openReference } from '../memory/shared-object.js';
import { registerShareable } from '../serialize/shareables.js';
import { Acquirable } from './acquirable.js';
import { MUST_WAIT, type SyncWaitOptions, syncTimeout, type WaitOptions, waitOnLoop } from './loop-waits.js';

const { semaphoreAcquire, semaphoreTry, semaphoreRelease, semaphoreValue } = native;
const { ownedAcquire, ownedTry, ownedRelease, ownedValue } = native;

/** Python's SEM_VALUE_MAX. */
const MOST_PERMITS = 2 ** 31 - 1;

/** How a semaphore is found, and whose its permits are. */
export interface SemaphoreOptions extends NameOptions {
  /**
   * Permits belong to the thread that acquired them, and come back when it ends without releasing them, however that
   * went. Then release() by one that does not hold them is a StateError, and there are never more than `value`.
   */
  owned?: boolean;
}

/** @internal A semaphore made over there, to be opened here. */
interface SemaphoreReference {
  reference: string;
  owned: boolean;
}

/** @internal Stands for the initial value: take over this handle. */
class OpenedSemaphore {
  readonly handle: Handle;
  readonly owned: boolean;

  constructor(handle: Handle, owned: boolean) {
    this.handle = handle;
    this.owned = owned;
  }
}

/**
 * A counting semaphore. A process that dies keeps what it took, as in Python, unless the permits are `owned`.
 *
 * Python: `multiprocessing.Semaphore`; release(n) gives several at once, as `threading.Semaphore` does. Python has no
 * owned permits.
 */
export class Semaphore extends Acquirable {
  readonly #owned: boolean;

  /** @param value permits at the beginning: an integer from 0 to 2^31-1, 1 by default */
  constructor(value: number = 1, options?: SemaphoreOptions) {
    const given: unknown = value;
    const opened = given instanceof OpenedSemaphore ? given : create(new.target.prototype, value, options);
    super(opened.handle);
    this.#owned = opened.owned;
  }

  /** @internal Of the native object, and its greatest value. */
  protected kindOf(owned: boolean): number {
    return owned ? native.kind.OWNED_SEMAPHORE : native.kind.SEMAPHORE;
  }

  /** @internal */
  protected maximumOf(_value: number): number {
    return MOST_PERMITS;
  }

  acquire(options?: WaitOptions): Promise<boolean> {
    return waitOnLoop(
      {
        owner: this,
        point: POINT_ACQUIRE,
        asked: 'semaphore.acquire()',
        attempt: () => {
          const status = this.#try();
          if (status === TIMEOUT) return MUST_WAIT;
          orThrow(status, 'semaphore.acquire()');
          return true;
        },
        timedOut: () => false,
      },
      options,
    );
  }

  acquireSync(options?: SyncWaitOptions): boolean {
    const timeout = syncTimeout(options);
    const status = this.#owned ? ownedAcquire(this.handle, timeout) : semaphoreAcquire(this.handle, timeout);
    if (status === 0) return true;
    if (status === TIMEOUT) return false;
    throw statusError(status, 'semaphore.acquireSync()');
  }

  tryAcquire(): boolean {
    const status = this.#try();
    if (status === 0) return true;
    if (status === TIMEOUT) return false;
    throw statusError(status, 'semaphore.tryAcquire()');
  }

  #try(): number {
    return this.#owned ? ownedTry(this.handle) : semaphoreTry(this.handle);
  }

  /**
   * Gives `n` permits (1 by default). StateError, and nothing is given, if the value would pass its maximum, or if they
   * are owned and this thread does not hold so many.
   */
  release(n: number = 1): void {
    checkInteger('n', n, 1, MOST_PERMITS);
    const status = this.#owned ? ownedRelease(this.handle, n) : semaphoreRelease(this.handle, n);
    if (status >= 0) return;
    const asked = `semaphore.release(${n === 1 ? '' : n})`;
    if (status !== NOT_LOCKED) throw statusError(status, asked);
    throw createError('ERR_PROCLOOM_STATE', asked, {
      why: `its permits are owned, and this thread holds ${n === 1 ? 'none' : `fewer than ${n}`} of them`,
      remedy: 'Release permits in the thread that acquired them, once for each acquire that gave true.',
    });
  }

  /** Permits that are free now. */
  getValue(): number {
    const { handle } = this;
    return orThrow(this.#owned ? ownedValue(handle) : semaphoreValue(handle), 'semaphore.getValue()');
  }

  /** Whether no permit is free now. */
  locked(): boolean {
    return this.getValue() === 0;
  }

  /** @internal */
  describe(): SemaphoreReference {
    return { reference: this.reference(), owned: this.#owned };
  }
}

/** A semaphore whose value never exceeds its initial one: a release too many throws StateError (Python: ValueError). */
export class BoundedSemaphore extends Semaphore {
  protected override kindOf(owned: boolean): number {
    return owned ? native.kind.OWNED_BOUNDED_SEMAPHORE : native.kind.BOUNDED_SEMAPHORE;
  }

  protected override maximumOf(value: number): number {
    return value;
  }
}

function create(prototype: Semaphore, value: number, options: SemaphoreOptions | undefined): OpenedSemaphore {
  checkInteger('value', value, 0, MOST_PERMITS);
  checkOptions(options);
  const owned = options?.owned ?? false;
  if (typeof owned !== 'boolean') throw invalidArgument(TypeError, 'owned must be true or false', owned);
  const { name, opening } = checkNameOptions(options);
  const kind = prototype['kindOf'](owned);
  const asked = `new ${prototype.constructor.name}(${value}${name === '' ? '' : `, { name: '${name}' }`})`;
  const handle = owned
    ? native.ownedCreate(kind, name, opening, value)
    : native.semaphoreCreate(kind, name, opening, value, prototype['maximumOf'](value));
  return new OpenedSemaphore(orThrow(handle, asked), owned);
}

for (const [kind, semaphoreClass, plain, owning] of [
  ['Semaphore', Semaphore, native.kind.SEMAPHORE, native.kind.OWNED_SEMAPHORE],
  ['BoundedSemaphore', BoundedSemaphore, native.kind.BOUNDED_SEMAPHORE, native.kind.OWNED_BOUNDED_SEMAPHORE],
] as const) {
  registerShareable(semaphoreClass, {
    kind,
    describe: (semaphore: Semaphore) => semaphore.describe(),
    revive: ({ reference, owned }: SemaphoreReference) => {
      const handle = openReference(reference, owned ? owning : plain);
      return new semaphoreClass(new OpenedSemaphore(handle, owned) as unknown as number);
    },
  });
}
