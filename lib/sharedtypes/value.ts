/** Value: one value in shared memory, with its lock. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { CLOSED, statusError } from '../addon/status-error.js';
import { checkFunction, invalidArgument } from '../errors/arguments.js';
import { openReference, SharedObject } from '../memory/shared-object.js';
import { bufferOf } from '../memory/viewed-memory.js';
import { registerShareable } from '../serialize/shareables.js';
import type { Lock } from '../sync/lock.js';
import type { SyncWaitOptions, WaitOptions } from '../sync/loop-waits.js';
import { createMemory, shapeOf } from './element-memory.js';
import { checkLockOption, OwnLock, type SharedOptions } from './lock-option.js';
import {
  type AnyView,
  type ElementType,
  elementTypeOf,
  type IntegerView,
  type TypeCode,
  type ValueOf,
} from './type-codes.js';

/** @internal What travels. */
interface ValueReference {
  reference: string;
  lock: Lock | undefined;
}

/** @internal Stands for the type: takes over what was opened. */
class OpenedValue {
  readonly handle: Handle;
  readonly lock: Lock | undefined;

  constructor(from: ValueReference) {
    this.handle = openReference(from.reference, native.kind.VALUE);
    this.lock = from.lock;
  }
}

/**
 * One value in shared memory, with its lock: an RLock, unless `lock` says otherwise.
 *
 * Reading and writing `.value` is atomic and ignores the lock. Read-modify-write is not atomic: use add(), update() or
 * the lock. A number that does not fit its type is a RangeError or TypeError (Python wraps silently).
 *
 * Python: `multiprocessing.Value`. There `.value` takes the lock each time, and `value.value += 1` loses counts all the
 * same.
 */
export class Value<T extends TypeCode = TypeCode, V extends ValueOf<T> = ValueOf<T>> extends SharedObject {
  readonly #type: ElementType;
  /** Empty once it is closed. */
  #view: AnyView;
  readonly #lock: OwnLock;

  /** @param initial zero, '\0' or false without it */
  constructor(type: T, initial?: NoInfer<V>, options?: SharedOptions) {
    if ((type as unknown) instanceof OpenedValue) {
      const opened = type as unknown as OpenedValue;
      super(opened.handle);
      this.#lock = new OwnLock(opened.lock, opened.lock !== undefined);
      this.#type = elementTypeOf(shapeOf(this.handle) as TypeCode);
    } else {
      const elementType = elementTypeOf(type);
      checkLockOption(options);
      const start = elementType.makeView(new ArrayBuffer(elementType.bytes));
      start[0] = elementType.toMemory(initial === undefined ? elementType.zero : initial) as never;
      super(createMemory(native.kind.VALUE, `new Value('${type}')`, type, elementType.bytes, start, options));
      this.#lock = OwnLock.of(options);
      this.#type = elementType;
    }
    this.#view = this.#type.makeView(bufferOf(this.handle, 'new Value()'));
  }

  get value(): V {
    const stored = this.#view[0];
    if (stored === undefined) throw statusError(CLOSED, 'value.value');
    return this.#type.fromMemory(stored) as V;
  }

  set value(value: V) {
    const stored = this.#type.toMemory(value);
    if (this.#view.length === 0) throw statusError(CLOSED, 'value.value = …');
    this.#view[0] = stored as never;
  }

  /** Integer types: adds without the lock, wrapping as C does, and returns the value before. */
  add(n: V): V {
    const view = this.#integers('add()');
    return Atomics.add(view as Int32Array, 0, this.#amount(n) as number) as V;
  }

  /** Integer types: stores `next` if the value is `expected`; returns the value before. */
  compareExchange(expected: V, next: V): V {
    const view = this.#integers('compareExchange()');
    const [from, to] = [this.#type.toMemory(expected), this.#type.toMemory(next)];
    return Atomics.compareExchange(view as Int32Array, 0, from as number, to as number) as V;
  }

  #integers(verb: string): IntegerView {
    if (!this.#type.integer) {
      throw invalidArgument(TypeError, `${verb} is for values of integer types`, this.#type.code);
    }
    if (this.#view.length === 0) throw statusError(CLOSED, `value.${verb}`);
    return this.#view as IntegerView;
  }

  /** What is added need not fit the type (it may be negative for an unsigned one): the sum wraps. */
  #amount(n: V): number | bigint {
    if (typeof this.#type.zero === 'bigint') {
      if (typeof n === 'bigint') return n;
      throw invalidArgument(TypeError, `what is added to a value of type '${this.#type.code}' must be a bigint`, n);
    }
    if (Number.isSafeInteger(n)) return n as number;
    throw invalidArgument(
      typeof n === 'number' ? RangeError : TypeError,
      `what is added to a value of type '${this.#type.code}' must be an integer`,
      n,
    );
  }

  /** Under the lock: value = fn(value). Resolves with the new value. */
  update(fn: (value: V) => V | PromiseLike<V>, options?: WaitOptions): Promise<V> {
    return this.#lock.with(
      'value.update()',
      async () => (this.value = await checkFunction('fn', fn)(this.value)),
      options,
    );
  }

  /** Under the lock: value = fn(value). Returns the new value. */
  updateSync(fn: (value: V) => V, options?: SyncWaitOptions): V {
    return this.#lock.withSync('value.updateSync()', () => (this.value = checkFunction('fn', fn)(this.value)), options);
  }

  /** The lock. StateError if it was made with lock: false. */
  getLock(): Lock {
    return this.#lock.get('value.getLock()');
  }

  /** Runs `fn` under the lock. */
  with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return this.#lock.with('value.with()', fn, options);
  }

  withSync<R>(fn: () => R, options?: SyncWaitOptions): R {
    return this.#lock.withSync('value.withSync()', fn, options);
  }

  protected override closing(handle: Handle): void {
    native.memoryDetach(handle); // nobody but objects of the same memory has seen the buffer
    this.#view = this.#type.makeView(new ArrayBuffer(0));
    this.#lock.close();
  }

  /** @internal */
  describe(): ValueReference {
    return { reference: this.reference(), lock: this.#lock.lock };
  }
}

registerShareable(Value, {
  kind: 'Value',
  describe: (value: Value) => value.describe(),
  revive: (from: ValueReference) => new Value(new OpenedValue(from) as unknown as TypeCode),
});

/** A value without a lock. */
export function RawValue<T extends TypeCode>(type: T, initial?: ValueOf<T>): Value<T> {
  return new Value(type, initial, { lock: false });
}
