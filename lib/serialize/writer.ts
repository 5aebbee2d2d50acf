/**
 * Values into bytes, in one pass.
 *
 * The algorithm of structured clone (what it reads, in which order, what it refuses), writing the tokens of tokens.ts
 * into the scratch; a value that outgrows it moves to a buffer of its own. User code can run in here (getters), and can
 * use this room again: codec.ts then takes another writer. Before it may, large memory that was met is copied (parts.ts).
 *
 * The way to the part being written is kept in `steps`, one store a property, so that an error can name it.
 */
import { types } from 'node:util';

import { createError } from '../errors/codes.js';
import type { SerializeError } from '../errors/errors.js';
import { Indexes, isIndex } from './array-keys.js';
import { ByteWriter } from './byte-writer.js';
import { ERROR_FIELDS, errorFieldsOf, errorKindOf } from './error-kinds.js';
import { ObjectNumbers } from './object-numbers.js';
import { isOpaque, refused } from './opaque-objects.js';
import { isQuiet } from './quiet-objects.js';
import { foreignKindOf, ownerOfBuffer, shareableKindOf, type ShareableKind } from './shareables.js';
import * as token from './tokens.js';
import { MapStep, pathText, SetStep, type Step } from './value-path.js';
import { BUFFER_VIEW, viewKindOf } from './views.js';

/** A run of holes longer than this is not walked step by step. */
const LONG_HOLES = 64;
const hasOwn = Object.prototype.hasOwnProperty;
const objectPrototype = Object.prototype;
const arrayPrototype = Array.prototype;
const getterOf = (name: keyof RegExp) => Object.getOwnPropertyDescriptor(RegExp.prototype, name)!.get!;
const sourceOf = getterOf('source');
const flagsOf = getterOf('flags');

export class ValueWriter extends ByteWriter {
  /** Whether something stands in several places. */
  linked = false;
  /** The shareables that were met, each once; undefined for none. */
  shareables: object[] | undefined;

  #depth = 0;
  #resizables = 0;
  readonly #steps: Step[] = [];
  readonly #numbers = new ObjectNumbers();

  /** Writes the value from the scratch's start. Throws SerializeError; then nothing of it counts. */
  write(value: unknown, scratch: Buffer): void {
    this.begin(scratch);
    this.linked = false;
    this.shareables = undefined;
    this.#depth = 0;
    this.#resizables = 0;
    try {
      this.#value(value);
    } catch (error) {
      throw this.#explained(error);
    } finally {
      this.#numbers.forget();
    }
  }

  /** Lets go of what was written, except for the scratch. */
  forget(scratch: Buffer): void {
    this.buffer = scratch;
    this.shareables = undefined;
    this.parts = undefined;
  }

  /** Before a property is read while there are parts: that may run code, which is to find nothing to change. */
  #look(object: object, key: string | number): void {
    const property = --this.looks === 0 ? undefined : Object.getOwnPropertyDescriptor(object, key);
    if (property === undefined || property.get !== undefined) this.#settle();
  }

  #settle(): void {
    this.looks = 0;
    this.parts?.settle();
  }

  // ---------------------------------------------------------------------------------------------- values

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.string(value);
      case 'number':
        return this.number(value);
      case 'object':
        return value === null ? this.token(token.NULL) : this.#object(value);
      case 'boolean':
        return this.token(value ? token.TRUE : token.FALSE);
      case 'undefined':
        return this.token(token.UNDEFINED);
      case 'bigint':
        return this.bigint(value);
      default:
        throw this.#refusal(value);
    }
  }

  // --------------------------------------------------------------------------------------------- objects

  #object(value: object): void {
    if (this.#link(value)) return;
    if (types.isProxy(value)) throw this.#refusal(value);
    const prototype = Object.getPrototypeOf(value) as unknown;
    if (prototype === objectPrototype) return this.#plainObject(value);
    if (Array.isArray(value)) return this.#array(value, prototype);
    this.#otherObject(value);
  }

  /** Gives the object its number, or, if it has one, writes that and returns true. */
  #link(value: object): boolean {
    const number = this.#numbers.of(value);
    if (number < 0) return false;
    this.linked = true;
    this.token(token.LINK);
    this.room(4);
    this.u32(number);
    return true;
  }

  #plainObject(value: object): void {
    const start = this.position;
    this.token(token.OBJECT_0);
    const count = this.#keyed(value);
    if (count < 16) {
      this.buffer[start] = token.OBJECT_0 | count;
      return;
    }
    // The number of keys is known only now, and needs four bytes more than were left for it.
    this.room(4);
    this.buffer.copyWithin(start + 5, start + 1, this.position);
    this.buffer[start] = token.OBJECT;
    this.u32At(start + 1, count);
    this.position += 4;
    this.parts?.moveOn(start, 4);
  }

  /** Own enumerable properties; returns how many they were. */
  #keyed(value: object): number {
    const depth = this.#depth++;
    const steps = this.#steps;
    let count = 0;
    for (const key in value) {
      if (!hasOwn.call(value, key)) continue;
      if (this.looks !== 0) this.#look(value, key);
      steps[depth] = key;
      this.key(key);
      this.#value((value as Record<string, unknown>)[key]);
      count++;
    }
    this.#depth = depth;
    return count;
  }

  #array(value: unknown[], prototype: unknown): void {
    // A RegExp match (and its indices) is the array with properties that people do send; others are told by their
    // prototype. To ask every array for its keys would cost more than to write it.
    if (this.looks !== 0 && (value.length > this.looks || !isOrdinary(value, prototype))) this.#settle();
    const { index, groups } = value as { index?: unknown; groups?: unknown };
    const keyed =
      prototype === arrayPrototype && index === undefined && groups === undefined
        ? undefined
        : Object.keys(value).filter((key) => !isIndex(key));
    const withKeys = keyed !== undefined && keyed.length > 0;
    if (withKeys) this.token(token.ARRAY_WITH_KEYS);
    const length = value.length;
    if (length < 16) {
      this.token(token.ARRAY_0 | length);
    } else {
      this.token(token.ARRAY);
      this.room(4);
      this.u32(length);
    }
    const depth = this.#depth++;
    const steps = this.#steps;
    let indexes: Indexes | undefined;
    for (let i = 0; i < length; i++) {
      steps[depth] = i;
      if (this.looks !== 0) this.#look(value, i);
      const element = value[i];
      if (element === undefined && !hasOwn.call(value, i)) {
        let end = nearHolesEnd(value, i, length);
        if (end - i === LONG_HOLES) end = (indexes ??= new Indexes(value)).next(end, length);
        this.token(token.HOLES);
        this.room(4);
        this.u32(end - i);
        i = end - 1;
        continue;
      }
      this.#value(element);
    }
    if (withKeys) {
      this.room(4);
      this.u32(keyed.length);
      for (const key of keyed) {
        if (this.looks !== 0) this.#look(value, key);
        steps[depth] = key;
        this.key(key);
        this.#value((value as unknown as Record<string, unknown>)[key]);
      }
    }
    this.#depth = depth;
  }

  #otherObject(value: object): void {
    if (this.looks !== 0 && !isQuiet(value)) this.#settle();
    const shareable = shareableKindOf(value);
    if (shareable !== undefined) return this.#shareable(value, shareable);
    if (ArrayBuffer.isView(value)) return this.#viewOf(value);
    if (types.isMap(value)) return this.#map(value);
    if (types.isSet(value)) return this.#set(value);
    if (types.isDate(value)) {
      this.token(token.DATE);
      return this.f64(Date.prototype.getTime.call(value));
    }
    // A DOMException is none to every Node.
    if (types.isNativeError(value) || value instanceof Error) return this.#error(value);
    if (types.isRegExp(value)) {
      this.token(token.REGEXP);
      this.string(sourceOf.call(value) as string);
      return this.string(flagsOf.call(value) as string);
    }
    if (types.isArrayBuffer(value)) return this.#arrayBuffer(value);
    if (types.isBoxedPrimitive(value)) {
      this.token(token.BOXED);
      return this.#value(unboxed(value));
    }
    const foreign = foreignKindOf(value);
    if (foreign !== undefined) return this.#shareable(value, foreign);
    if (isOpaque(value)) throw this.#refusal(value);
    this.#plainObject(value);
  }

  #map(value: Map<unknown, unknown>): void {
    // Copied first: a getter may change the map while it is written.
    const entries = [...Map.prototype.entries.call(value)] as [unknown, unknown][];
    this.token(token.MAP);
    this.room(4);
    this.u32(entries.length);
    const depth = this.#depth++;
    for (const [key, held] of entries) {
      this.#steps[depth] = new MapStep(key, true);
      this.#value(key);
      this.#steps[depth] = new MapStep(key, false);
      this.#value(held);
    }
    this.#depth = depth;
  }

  #set(value: Set<unknown>): void {
    const members = [...(Set.prototype.values.call(value) as Iterable<unknown>)];
    this.token(token.SET);
    this.room(4);
    this.u32(members.length);
    const depth = this.#depth++;
    for (let i = 0; i < members.length; i++) {
      this.#steps[depth] = new SetStep(i);
      this.#value(members[i]);
    }
    this.#depth = depth;
  }

  #error(value: Error): void {
    const kind = errorKindOf(value);
    const fields = errorFieldsOf(value, kind);
    this.token(token.ERROR);
    this.token(kind);
    this.token(fields);
    const depth = this.#depth++;
    ERROR_FIELDS.forEach((field, bit) => {
      if ((fields & (1 << bit)) === 0) return;
      this.#steps[depth] = field;
      if (this.looks !== 0) this.#settle();
      this.#value((value as unknown as Record<string, unknown>)[field]);
    });
    this.#depth = depth;
    this.room(4);
    const countAt = this.position;
    this.position += 4;
    const count = this.#keyed(value);
    this.u32At(countAt, count);
  }

  // ----------------------------------------------------------------------------------- memory, references

  #arrayBuffer(value: ArrayBuffer): void {
    const owner = ownerOfBuffer(value);
    if (owner !== undefined) {
      this.token(token.SHARED_BUFFER);
      return this.#value(owner);
    }
    if ((value as { detached?: boolean }).detached === true) throw this.#refusal(value);
    if ((value as { resizable?: boolean }).resizable === true) {
      if (++this.#resizables > token.MOST_RESIZABLE) throw this.#refusal(value, tooManyResizable);
      this.token(token.RESIZABLE_BUFFER);
      this.f64(value.byteLength);
      this.f64((value as unknown as { maxByteLength: number }).maxByteLength);
    } else {
      this.token(token.ARRAY_BUFFER);
      this.f64(value.byteLength);
    }
    this.bytes(new Uint8Array(value));
  }

  #viewOf(value: ArrayBufferView): void {
    const memory = value.buffer;
    const kind = viewKindOf(value);
    if (kind < 0) throw this.#refusal(value);
    const owner = ownerOfBuffer(memory);
    if (owner !== undefined) {
      this.token(token.SHARED_VIEW);
      this.token(kind);
      this.f64(value.byteOffset);
      this.f64(value.byteLength);
      return this.#value(owner);
    }
    if (!types.isArrayBuffer(memory)) throw this.#refusal(memory ?? value);
    // A Buffer is mostly a part of a pool, which is not what anybody means to send.
    if (kind === BUFFER_VIEW || (value.byteLength === memory.byteLength && this.#numbers.isNew(memory))) {
      if (kind !== BUFFER_VIEW) this.#numbers.of(memory);
      this.token(token.VIEW);
      this.token(kind);
      this.f64(value.byteLength);
      return this.bytes(new Uint8Array(memory, value.byteOffset, value.byteLength));
    }
    this.token(token.VIEW_OF);
    this.token(kind);
    this.f64(value.byteOffset);
    this.f64(value.byteLength);
    this.#value(memory);
  }

  #shareable(value: object, kind: ShareableKind): void {
    const payload = kind.describe(value);
    if (kind.composed === undefined) (this.shareables ??= []).push(value);
    this.token(token.SHAREABLE);
    this.string(kind.kind);
    this.#value(payload);
  }

  // ------------------------------------------------------------------------------------------------ errors

  #refusal(value: unknown, { what, remedy } = refused(value)): SerializeError {
    const path = pathText(this.#steps.slice(0, this.#depth));
    const where = path === '' ? 'the value' : path;
    return createError('ERR_PROCLOOM_SERIALIZE', `sending ${where}`, {
      why: `${what} cannot travel to another process`,
      remedy,
      path,
    });
  }

  /** What was thrown in here, by us or by a getter or by describing a shareable, as a SerializeError with its path. */
  #explained(error: unknown): unknown {
    const code = (error as { code?: unknown } | null)?.code;
    if (code === 'ERR_PROCLOOM_SERIALIZE' || code === 'ERR_PROCLOOM_CLOSED') return error;
    const path = pathText(this.#steps.slice(0, this.#depth));
    // A function that an object would have to take with it, or a handle: its sentence says it all but where that stands.
    if (code === 'ERR_PROCLOOM_TARGET' || code === 'ERR_PROCLOOM_HANDLE')
      return Object.assign(error as object, { path });
    const asked = `sending ${path === '' ? 'the value' : path}`;
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      return createError('ERR_PROCLOOM_SERIALIZE', asked, { why: 'it is nested too deeply', path, cause: error });
    }
    if (error instanceof RangeError && (error as { code?: string }).code !== undefined) {
      return createError('ERR_PROCLOOM_SERIALIZE', asked, { why: 'the message is too large', path, cause: error });
    }
    const message = error instanceof Error ? error.message : String(error);
    return createError('ERR_PROCLOOM_SERIALIZE', asked, { why: `reading it threw "${message}"`, path, cause: error });
  }
}

/** Whether it is an array and nothing else, so that only its elements could run something. */
function isOrdinary(value: unknown[], prototype: unknown): boolean {
  return prototype === arrayPrototype && !Object.hasOwn(value, 'index') && !Object.hasOwn(value, 'groups');
}

/** Where the run of holes ends that begins at `from`, if it is not a long one. */
function nearHolesEnd(value: unknown[], from: number, length: number): number {
  const near = Math.min(length, from + LONG_HOLES);
  let end = from + 1;
  while (end < near && !hasOwn.call(value, end)) end++;
  return end;
}

const tooManyResizable = {
  what: `a value with more than ${token.MOST_RESIZABLE} resizable ArrayBuffers`,
  remedy: 'Send them as ordinary ones, buffer.slice(0), or in several messages.',
};

function unboxed(value: object): unknown {
  if (types.isNumberObject(value)) return Number.prototype.valueOf.call(value);
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value);
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
  if (types.isBigIntObject(value)) return BigInt.prototype.valueOf.call(value);
  return Symbol.prototype.valueOf.call(value);
}
