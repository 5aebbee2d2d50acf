/** SharedArray: elements of one type in shared memory, with a lock. */
import { constants } from 'node:buffer';

import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { CLOSED, statusError } from '../addon/status-error.js';
import { checkInteger, invalidArgument } from '../errors/arguments.js';
import { CLOSED_HANDLE, openReference, SharedObject } from '../memory/shared-object.js';
import { bufferOf, keepForViews } from '../memory/viewed-memory.js';
import { registerShareable } from '../serialize/shareables.js';
import type { Lock } from '../sync/lock.js';
import type { SyncWaitOptions, WaitOptions } from '../sync/loop-waits.js';
import { createMemory, shapeOf } from './element-memory.js';
import { checkLockOption, OwnLock, type SharedOptions } from './lock-option.js';
import {
  type AnyView,
  type ElementType,
  elementTypeOf,
  type TypeCode,
  type ValueOf,
  type ViewOf,
} from './type-codes.js';

/** @internal What travels. */
interface ArrayReference {
  reference: string;
  lock: Lock | undefined;
}

/** @internal Stands for the type: takes over what was opened. */
class OpenedArray {
  readonly handle: Handle;
  readonly lock: Lock | undefined;

  constructor(from: ArrayReference) {
    this.handle = openReference(from.reference, native.kind.ARRAY);
    this.lock = from.lock;
  }
}

/** What one ArrayBuffer can hold here, and never more than 8 GiB. */
const MOST_BYTES = Math.min(2 ** 33, constants.MAX_LENGTH);

/**
 * A fixed-length array in shared memory. `view` is the memory itself as a typed array: plain loads and stores at machine
 * speed, no lock. An index out of range is a RangeError.
 *
 * Python: `multiprocessing.Array`. There each access takes the lock; here none does: use with() around what belongs
 * together.
 */
export class SharedArray<T extends TypeCode = TypeCode, V extends ValueOf<T> = ValueOf<T>>
  extends SharedObject
  implements Iterable<V>
{
  readonly #type: ElementType;
  readonly #view: AnyView;
  /** Whether somebody has the view. */
  #seen = false;
  readonly #lock: OwnLock;
  readonly #length: number;

  /** @param sizeOrInitializer the number of elements, all zero, or the elements to begin with */
  constructor(type: T, sizeOrInitializer: number | Iterable<NoInfer<V>>, options?: SharedOptions) {
    if ((type as unknown) instanceof OpenedArray) {
      const opened = type as unknown as OpenedArray;
      super(opened.handle);
      this.#type = elementTypeOf(shapeOf(this.handle).split('*')[0] as TypeCode);
      this.#lock = new OwnLock(opened.lock, opened.lock !== undefined);
    } else {
      const elementType = elementTypeOf(type);
      checkLockOption(options);
      const { length, start } = beginning(elementType, sizeOrInitializer);
      const asked = `new SharedArray('${type}', ${length})`;
      super(createMemory(native.kind.ARRAY, asked, `${type}*${length}`, length * elementType.bytes, start, options));
      this.#type = elementType;
      this.#lock = OwnLock.of(options);
    }
    this.#view = this.#type.makeView(bufferOf(this.handle, 'new SharedArray()'));
    this.#length = this.#view.length;
  }

  get length(): number {
    return this.#length;
  }

  /**
   * The memory itself. It stays valid while it can be reached, even after close(). Sent anywhere, it (or another view of its
   * memory) arrives as a view of the same memory.
   */
  get view(): ViewOf<T> {
    this.#open('array.view');
    if (!this.#seen) {
      keepForViews(this.handle, this.#view.buffer as ArrayBuffer);
      this.#seen = true;
    }
    return this.#view as ViewOf<T>;
  }

  get(index: number): V {
    this.#check('array.get()', index);
    return this.#type.fromMemory(this.#view[index]!) as V;
  }

  set(index: number, value: V): void {
    this.#check('array.set()', index);
    this.#view[index] = this.#type.toMemory(value) as never;
  }

  /** A copy of a part, as Array.prototype.slice takes it. */
  slice(start?: number, end?: number): V[] {
    this.#open('array.slice()');
    const part = this.#view.slice(start, end) as unknown as Iterable<number | bigint>;
    return Array.from(part, (stored) => this.#type.fromMemory(stored) as V);
  }

  /** Stores the values from `offset` on; all must fit, else none is stored. */
  setAll(values: Iterable<V>, offset: number = 0): void {
    this.#open('array.setAll()');
    checkInteger('offset', offset, 0, this.#length);
    const stored = Array.from(checkIterable(values), (value) => this.#type.toMemory(value));
    if (stored.length > this.#length - offset) {
      throw invalidArgument(
        RangeError,
        `values must be at most ${this.#length - offset} from offset ${offset} on`,
        stored.length,
      );
    }
    this.#view.set(stored as never, offset);
  }

  toArray(): V[] {
    return this.slice();
  }

  *[Symbol.iterator](): Iterator<V> {
    for (let index = 0; index < this.#length; index++) yield this.get(index);
  }

  /** The lock. StateError if it was made with lock: false. */
  getLock(): Lock {
    return this.#lock.get('array.getLock()');
  }

  /** Runs `fn` under the lock. */
  with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return this.#lock.with('array.with()', fn, options);
  }

  withSync<R>(fn: () => R, options?: SyncWaitOptions): R {
    return this.#lock.withSync('array.withSync()', fn, options);
  }

  #open(asked: string): void {
    if (this.handle === CLOSED_HANDLE) throw statusError(CLOSED, asked);
  }

  #check(asked: string, index: number): void {
    this.#open(asked);
    checkInteger('index', index, 0, this.#length - 1);
  }

  protected override closing(handle: Handle): void {
    // A view that somebody has seen keeps the memory open; else it need not wait for the garbage collector.
    native.memoryDetach(handle);
    this.#lock.close();
  }

  /** @internal */
  describe(): ArrayReference {
    return { reference: this.reference(), lock: this.#lock.lock };
  }
}

function beginning(
  type: ElementType,
  sizeOrInitializer: number | Iterable<unknown>,
): { length: number; start: AnyView | undefined } {
  if (typeof sizeOrInitializer === 'number') {
    const most = Math.floor(MOST_BYTES / type.bytes);
    return { length: checkInteger('size', sizeOrInitializer, 0, most), start: undefined };
  }
  const stored = Array.from(checkIterable(sizeOrInitializer), (value) => type.toMemory(value));
  const start = type.makeView(new ArrayBuffer(stored.length * type.bytes));
  start.set(stored as never);
  return { length: stored.length, start };
}

function checkIterable<V>(values: Iterable<V>): Iterable<V> {
  if (typeof (values as { [Symbol.iterator]?: unknown } | null | undefined)?.[Symbol.iterator] === 'function')
    return values;
  throw invalidArgument(TypeError, 'an array begins with a number of elements or with an iterable of them', values);
}

registerShareable(SharedArray, {
  kind: 'Array',
  describe: (array: SharedArray) => array.describe(),
  revive: (from: ArrayReference) => new SharedArray(new OpenedArray(from) as unknown as TypeCode, 0),
});

/** An array without a lock. */
export function RawArray<T extends TypeCode>(
  type: T,
  sizeOrInitializer: number | Iterable<ValueOf<T>>,
): SharedArray<T> {
  return new SharedArray(type, sizeOrInitializer, { lock: false });
}
