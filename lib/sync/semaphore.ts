/** Semaphore and BoundedSemaphore: permits that are taken and given. */
import { native } from '../addon/loader.js';
import { POINT_ACQUIRE } from '../addon/native.js';
import { orThrow, statusError, TIMEOUT } from '../addon/status-error.js';
import { checkInteger, checkOptions, invalidArgument } from '../errors/arguments.js';
import { checkNameOptions, type NameOptions, openReference } from '../memory/shared-object.js';
import { registerShareable } from '../serialize/shareables.js';
import { Acquirable } from './acquirable.js';
import { MUST_WAIT, type SyncWaitOptions, syncTimeout, type WaitOptions, waitOnLoop } from './loop-waits.js';

const { semaphoreAcquire, semaphoreTry, semaphoreRelease, semaphoreValue } = native;

/** Python's SEM_VALUE_MAX. */
const MOST_PERMITS = 2 ** 31 - 1;

/** @internal Stands for the initial value: opens what was made over there. */
class OpenedSemaphore {
  readonly reference: string;

  constructor(reference: string) {
    this.reference = reference;
  }
}

/**
 * A counting semaphore. A process that dies keeps what it took, as in Python.
 *
 * Python: `multiprocessing.Semaphore`; release(n) gives several at once, as `threading.Semaphore` does.
 */
export class Semaphore extends Acquirable {
  /** @param value permits at the beginning: an integer from 0 to 2^31-1, 1 by default */
  constructor(value: number = 1, options?: NameOptions) {
    super(openOrCreate(new.target.prototype, value, options));
  }

  /** @internal Of the native object, and its greatest value. */
  protected get kind(): number {
    return native.kind.SEMAPHORE;
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
          const status = semaphoreTry(this.handle);
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
    const status = semaphoreAcquire(this.handle, syncTimeout(options));
    if (status === 0) return true;
    if (status === TIMEOUT) return false;
    throw statusError(status, 'semaphore.acquireSync()');
  }

  tryAcquire(): boolean {
    const status = semaphoreTry(this.handle);
    if (status === 0) return true;
    if (status === TIMEOUT) return false;
    throw statusError(status, 'semaphore.tryAcquire()');
  }

  /** Gives `n` permits (1 by default). StateError, and nothing is given, if the value would pass its maximum. */
  release(n: number = 1): void {
    checkInteger('n', n, 1, MOST_PERMITS);
    const status = semaphoreRelease(this.handle, n);
    if (status < 0) throw statusError(status, `semaphore.release(${n === 1 ? '' : n})`);
  }

  /** Permits that are free now. */
  getValue(): number {
    return orThrow(semaphoreValue(this.handle), 'semaphore.getValue()');
  }

  /** Whether no permit is free now. */
  locked(): boolean {
    return this.getValue() === 0;
  }
}

/** A semaphore whose value never exceeds its initial one: a release too many throws StateError (Python: ValueError). */
export class BoundedSemaphore extends Semaphore {
  protected override get kind(): number {
    return native.kind.BOUNDED_SEMAPHORE;
  }

  protected override maximumOf(value: number): number {
    return value;
  }
}

function openOrCreate(prototype: Semaphore, value: number | OpenedSemaphore, options: NameOptions | undefined): number {
  const kind = prototype['kind'];
  if (value instanceof OpenedSemaphore) {
    return openReference(value.reference, kind);
  }
  checkInteger('value', value, 0, MOST_PERMITS);
  checkOptions(options);
  if (options !== undefined && (options as { owned?: unknown }).owned !== undefined) {
    throw invalidArgument(TypeError, 'owned semaphores are not there yet: leave `owned` out', options);
  }
  const { name, opening } = checkNameOptions(options);
  const asked = `new ${prototype.constructor.name}(${value}${name === '' ? '' : `, { name: '${name}' }`})`;
  return orThrow(native.semaphoreCreate(kind, name, opening, value, prototype['maximumOf'](value)), asked);
}

for (const [kind, semaphoreClass] of [
  ['Semaphore', Semaphore],
  ['BoundedSemaphore', BoundedSemaphore],
] as const) {
  registerShareable(semaphoreClass, {
    kind,
    describe: (semaphore: Semaphore) => semaphore.reference(),
    revive: (reference: string) => new semaphoreClass(new OpenedSemaphore(reference) as unknown as number),
  });
}
