/**
 * Values into bytes, in one pass.
 *
 * The algorithm of structured clone (what it reads, in which order, what it refuses), writing the tokens of tokens.ts
 * into the scratch; a value that outgrows it moves to a buffer of its own. User code can run in here (getters), and can
 * use this room again: codec.ts then takes another writer.
 *
 * The way to the part being written is kept in `steps`, one store a property, so that an error can name it.
 */
import { types } from 'node:util';

import { createError } from '../errors/codes.js';
import type { SerializeError } from '../errors/errors.js';
import { ERROR_FIELDS, errorFieldsOf, errorKindOf } from './error-kinds.js';
import { ownerOfBuffer, shareableKindOf, type ShareableKind } from './shareables.js';
import * as token from './tokens.js';
import { MapStep, pathText, SetStep, type Step } from './value-path.js';
import { BUFFER_VIEW, viewKindOf } from './views.js';

/** Up to so many objects are looked up one by one; a Map costs more than that. */
const FEW_OBJECTS = 12;
/** A run of holes longer than this is not walked step by step. */
const LONG_HOLES = 64;
/** Keys and strings up to this length are written in JavaScript; a call into C++ costs more. */
const SHORT_STRING = 32;
const beyondOneByte = /[\u0100-\uffff]/;
const hasOwn = Object.prototype.hasOwnProperty;
const objectPrototype = Object.prototype;
const arrayPrototype = Array.prototype;

/** Built-in objects that have no value to send, by their class tag. */
const opaqueTags = new Set([
  'AbortSignal',
  'Blob',
  'BroadcastChannel',
  'CryptoKey',
  'FinalizationRegistry',
  'Generator',
  'AsyncGenerator',
  'KeyObject',
  'Module',
  'Promise',
  'ReadableStream',
  'SharedArrayBuffer',
  'TransformStream',
  'WeakMap',
  'WeakRef',
  'WeakSet',
  'WebAssembly.Instance',
  'WebAssembly.Memory',
  'WebAssembly.Module',
  'WritableStream',
  'Worker',
]);

export class ValueWriter {
  /** What was written: buffer[0, position). The scratch, or a larger one if it did not suffice. */
  buffer!: Buffer;
  position = 0;
  /** Whether something stands in several places. */
  linked = false;
  /** The shareables that were met, each once; undefined for none. */
  shareables: object[] | undefined;

  #view!: DataView;
  #limit = 0;
  #depth = 0;
  readonly #steps: Step[] = [];
  #count = 0;
  readonly #few: (object | undefined)[] = new Array<undefined>(FEW_OBJECTS).fill(undefined);
  #many: Map<object, number> | undefined;
  #scratch: Buffer | undefined;
  #scratchView: DataView | undefined;

  /** Writes the value from the scratch's start. Throws SerializeError; then nothing of it counts. */
  write(value: unknown, scratch: Buffer): void {
    if (scratch !== this.#scratch) {
      this.#scratch = scratch;
      this.#scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.byteLength);
    }
    this.buffer = scratch;
    this.#view = this.#scratchView!;
    this.#limit = scratch.length;
    this.position = 0;
    this.linked = false;
    this.shareables = undefined;
    this.#depth = 0;
    this.#count = 0;
    try {
      this.#value(value);
    } catch (error) {
      throw this.#explained(error);
    } finally {
      this.#forgetObjects();
    }
  }

  /** Lets go of what was written, except for the scratch. */
  forget(scratch: Buffer): void {
    this.buffer = scratch;
    this.shareables = undefined;
  }

  #forgetObjects(): void {
    const few = Math.min(this.#count, FEW_OBJECTS);
    for (let i = 0; i < few; i++) this.#few[i] = undefined;
    this.#many = undefined;
  }

  // ---------------------------------------------------------------------------------------------- values

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.#string(value);
      case 'number':
        return this.#number(value);
      case 'object':
        return value === null ? this.#token(token.NULL) : this.#object(value);
      case 'boolean':
        return this.#token(value ? token.TRUE : token.FALSE);
      case 'undefined':
        return this.#token(token.UNDEFINED);
      case 'bigint':
        return this.#bigint(value);
      default:
        throw this.#refusal(value);
    }
  }

  #token(byte: number): void {
    if (this.position >= this.#limit) this.#grow(1);
    this.buffer[this.position++] = byte;
  }

  #number(value: number): void {
    if (this.position + 9 > this.#limit) this.#grow(9);
    const buffer = this.buffer;
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      if (value >= 0 && value <= token.SMALL_INTEGER_LAST) {
        buffer[this.position++] = value;
      } else if (value >= -0x80 && value < 0x80) {
        buffer[this.position++] = token.INT8;
        buffer[this.position++] = value;
      } else if (value >= -0x8000 && value < 0x8000) {
        buffer[this.position++] = token.INT16;
        this.#view.setInt16(this.position, value, true);
        this.position += 2;
      } else {
        buffer[this.position++] = token.INT32;
        this.#view.setInt32(this.position, value, true);
        this.position += 4;
      }
      return;
    }
    buffer[this.position++] = token.FLOAT64;
    this.#view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#token(token.BIGINT64);
      this.#room(8);
      this.#view.setBigInt64(this.position, value, true);
      this.position += 8;
      return;
    }
    this.#token(token.BIGINT);
    this.#token(value < 0n ? 1 : 0);
    this.#string((value < 0n ? -value : value).toString(16));
  }

  #string(value: string): void {
    const length = value.length;
    if (length < SHORT_STRING) {
      this.#room(length + 1);
      const start = this.position;
      if (this.#oneByteCharacters(value, start + 1)) {
        this.buffer[start] = token.STRING_0 | length;
        return;
      }
    } else if (!beyondOneByte.test(value)) {
      this.#room(length + 5);
      if (length < 0x100) {
        this.buffer[this.position++] = token.STRING_8;
        this.buffer[this.position++] = length;
      } else {
        this.buffer[this.position++] = token.STRING_32;
        this.#u32(length);
      }
      this.position += this.buffer.write(value, this.position, length, 'latin1');
      return;
    }
    this.#room(length * 2 + 5);
    this.buffer[this.position++] = token.STRING_TWO_BYTE;
    this.#u32(length);
    this.position += this.buffer.write(value, this.position, length * 2, 'utf16le');
  }

  /** Writes them at `at` and goes on behind them; false (and nothing happened) if a character is beyond U+00FF. */
  #oneByteCharacters(value: string, at: number): boolean {
    const buffer = this.buffer;
    const length = value.length;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0xff) return false;
      buffer[at + i] = unit;
    }
    this.position = at + length;
    return true;
  }

  // --------------------------------------------------------------------------------------------- objects

  #object(value: object): void {
    if (this.#link(value)) return;
    if (types.isProxy(value)) throw this.#refusal(value);
    const prototype = Object.getPrototypeOf(value) as unknown;
    if (prototype === objectPrototype) return this.#plainObject(value);
    if (Array.isArray(value)) return this.#array(value, prototype);
    this.#otherObject(value, prototype);
  }

  /** Gives the object its number, or, if it has one, writes that and returns true. */
  #link(value: object): boolean {
    const number = this.#numberOf(value);
    if (number < 0) return false;
    this.linked = true;
    this.#token(token.LINK);
    this.#room(4);
    this.#u32(number);
    return true;
  }

  /** The number that the object has; -1 if it has been given one only now. */
  #numberOf(value: object): number {
    const count = this.#count;
    if (count < FEW_OBJECTS) {
      const few = this.#few;
      for (let i = 0; i < count; i++) if (few[i] === value) return i;
      few[count] = value;
    } else {
      this.#many ??= new Map(this.#few.map((object, i) => [object!, i]));
      const number = this.#many.get(value);
      if (number !== undefined) return number;
      this.#many.set(value, count);
    }
    this.#count = count + 1;
    return -1;
  }

  #plainObject(value: object): void {
    const start = this.position;
    this.#token(token.OBJECT_0);
    const count = this.#keyed(value);
    if (count < 16) {
      this.buffer[start] = token.OBJECT_0 | count;
      return;
    }
    // The number of keys is known only now, and needs four bytes more than were left for it.
    this.#room(4);
    this.buffer.copyWithin(start + 5, start + 1, this.position);
    this.buffer[start] = token.OBJECT;
    this.#view.setUint32(start + 1, count, true);
    this.position += 4;
  }

  /** Own enumerable properties; returns how many they were. */
  #keyed(value: object): number {
    const depth = this.#depth++;
    const steps = this.#steps;
    let count = 0;
    for (const key in value) {
      if (!hasOwn.call(value, key)) continue;
      steps[depth] = key;
      this.#key(key);
      this.#value((value as Record<string, unknown>)[key]);
      count++;
    }
    this.#depth = depth;
    return count;
  }

  #key(key: string): void {
    const length = key.length;
    if (length < 0xff) {
      this.#room(length + 1);
      const start = this.position;
      if (this.#oneByteCharacters(key, start + 1)) {
        this.buffer[start] = length;
        return;
      }
    }
    this.#token(0xff);
    this.#string(key);
  }

  #array(value: unknown[], prototype: unknown): void {
    // A RegExp match is the array with properties that people do send; others are told by their prototype. To ask every
    // array for its keys would cost more than to write it.
    const keyed =
      prototype === arrayPrototype && (value as { index?: unknown }).index === undefined
        ? undefined
        : Object.keys(value).filter((key) => !isIndex(key));
    const withKeys = keyed !== undefined && keyed.length > 0;
    if (withKeys) this.#token(token.ARRAY_WITH_KEYS);
    const length = value.length;
    if (length < 16) {
      this.#token(token.ARRAY_0 | length);
    } else {
      this.#token(token.ARRAY);
      this.#room(4);
      this.#u32(length);
    }
    const depth = this.#depth++;
    const steps = this.#steps;
    for (let i = 0; i < length; i++) {
      steps[depth] = i;
      const element = value[i];
      if (element === undefined && !hasOwn.call(value, i)) {
        i = this.#holes(value, i, length) - 1;
        continue;
      }
      this.#value(element);
    }
    if (withKeys) {
      this.#room(4);
      this.#u32(keyed.length);
      for (const key of keyed) {
        steps[depth] = key;
        this.#key(key);
        this.#value((value as unknown as Record<string, unknown>)[key]);
      }
    }
    this.#depth = depth;
  }

  /** Writes the run of holes that begins at `from`; returns where it ends. */
  #holes(value: unknown[], from: number, length: number): number {
    const near = Math.min(length, from + LONG_HOLES);
    let end = from + 1;
    while (end < near && !hasOwn.call(value, end)) end++;
    if (end === near && near < length) end = nextIndex(value, near, length);
    this.#token(token.HOLES);
    this.#room(4);
    this.#u32(end - from);
    return end;
  }

  #otherObject(value: object, prototype: unknown): void {
    const shareable = shareableKindOf(value);
    if (shareable !== undefined) return this.#shareable(value, shareable);
    if (prototype === null) return this.#plainObject(value);
    if (ArrayBuffer.isView(value)) return this.#viewOf(value);
    if (types.isMap(value)) return this.#map(value);
    if (types.isSet(value)) return this.#set(value);
    if (types.isDate(value)) {
      this.#token(token.DATE);
      return this.#f64(Date.prototype.getTime.call(value));
    }
    if (types.isNativeError(value)) return this.#error(value);
    if (types.isRegExp(value)) {
      this.#token(token.REGEXP);
      this.#string(value.source);
      return this.#string(value.flags);
    }
    if (types.isArrayBuffer(value)) return this.#arrayBuffer(value);
    if (types.isBoxedPrimitive(value)) {
      this.#token(token.BOXED);
      return this.#value(unboxed(value));
    }
    if (isOpaque(value)) throw this.#refusal(value);
    this.#plainObject(value);
  }

  #map(value: Map<unknown, unknown>): void {
    // Copied first: a getter may change the map while it is written.
    const entries = [...Map.prototype.entries.call(value)] as [unknown, unknown][];
    this.#token(token.MAP);
    this.#room(4);
    this.#u32(entries.length);
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
    this.#token(token.SET);
    this.#room(4);
    this.#u32(members.length);
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
    this.#token(token.ERROR);
    this.#token(kind);
    this.#token(fields);
    const depth = this.#depth++;
    ERROR_FIELDS.forEach((field, bit) => {
      if ((fields & (1 << bit)) === 0) return;
      this.#steps[depth] = field;
      this.#value((value as unknown as Record<string, unknown>)[field]);
    });
    this.#depth = depth;
    this.#room(4);
    const countAt = this.position;
    this.position += 4;
    const count = this.#keyed(value);
    this.#view.setUint32(countAt, count, true);
  }

  // ----------------------------------------------------------------------------------- memory, references

  #arrayBuffer(value: ArrayBuffer): void {
    const owner = ownerOfBuffer(value);
    if (owner !== undefined) {
      this.#token(token.SHARED_BUFFER);
      return this.#value(owner);
    }
    if ((value as { detached?: boolean }).detached === true) throw this.#refusal(value);
    if ((value as { resizable?: boolean }).resizable === true) {
      this.#token(token.RESIZABLE_BUFFER);
      this.#room(8);
      this.#u32(value.byteLength);
      this.#u32((value as unknown as { maxByteLength: number }).maxByteLength);
    } else {
      this.#token(token.ARRAY_BUFFER);
      this.#room(4);
      this.#u32(value.byteLength);
    }
    this.#bytes(new Uint8Array(value));
  }

  #viewOf(value: ArrayBufferView): void {
    const memory = value.buffer;
    const kind = viewKindOf(value);
    if (kind < 0) throw this.#refusal(value);
    const owner = ownerOfBuffer(memory);
    if (owner !== undefined) {
      this.#token(token.SHARED_VIEW);
      this.#token(kind);
      this.#f64(value.byteOffset);
      this.#f64(value.byteLength);
      return this.#value(owner);
    }
    if (!types.isArrayBuffer(memory)) throw this.#refusal(memory);
    // A Buffer is mostly a part of a pool, which is not what anybody means to send.
    if (kind === BUFFER_VIEW || (value.byteLength === memory.byteLength && this.#isNew(memory))) {
      if (kind !== BUFFER_VIEW) this.#numberOf(memory);
      this.#token(token.VIEW);
      this.#token(kind);
      this.#room(4);
      this.#u32(value.byteLength);
      return this.#bytes(new Uint8Array(memory, value.byteOffset, value.byteLength));
    }
    this.#token(token.VIEW_OF);
    this.#token(kind);
    this.#room(8);
    this.#u32(value.byteOffset);
    this.#u32(value.byteLength);
    this.#value(memory);
  }

  #shareable(value: object, kind: ShareableKind): void {
    const payload = kind.describe(value);
    (this.shareables ??= []).push(value);
    this.#token(token.SHAREABLE);
    this.#string(kind.kind);
    this.#value(payload);
  }

  // -------------------------------------------------------------------------------------------- the buffer

  #u32(value: number): void {
    this.#view.setUint32(this.position, value, true);
    this.position += 4;
  }

  #f64(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  #bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.buffer.set(bytes, this.position);
    this.position += bytes.length;
  }

  #room(bytes: number): void {
    if (this.position + bytes > this.#limit) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const needed = this.position + bytes;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.#limit * 2, needed + 0x4000000)));
    this.buffer.copy(larger, 0, 0, this.position);
    this.buffer = larger;
    this.#view = new DataView(larger.buffer, larger.byteOffset, larger.byteLength);
    this.#limit = larger.length;
  }

  // ------------------------------------------------------------------------------------------------ errors

  #refusal(value: unknown): SerializeError {
    const path = pathText(this.#steps.slice(0, this.#depth));
    const { what, remedy } = refused(value);
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

  #isNew(object: object): boolean {
    return this.#many === undefined ? !this.#few.includes(object) : !this.#many.has(object);
  }
}

function unboxed(value: object): unknown {
  if (types.isNumberObject(value)) return Number.prototype.valueOf.call(value);
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value);
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
  if (types.isBigIntObject(value)) return BigInt.prototype.valueOf.call(value);
  return Symbol.prototype.valueOf.call(value);
}

function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 0xffffffff;
}

/** The first index from `from` on that the array has; `length` if there is none. */
function nextIndex(value: unknown[], from: number, length: number): number {
  // Keys that are indexes come first and in order.
  for (const key of Object.keys(value)) {
    if (!isIndex(key)) return length;
    if (Number(key) >= from) return Number(key);
  }
  return length;
}

function isOpaque(value: object): boolean {
  if (types.isExternal(value) || types.isModuleNamespaceObject(value)) return true;
  if (value instanceof MessagePort) return true;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return opaqueTags.has(tag) || tag.endsWith(' Iterator');
}

function refused(value: unknown): { what: string; remedy: string } {
  switch (typeof value) {
    case 'function':
      return {
        what: `${value.name === '' ? 'a function' : `the function ${value.name}`}`,
        remedy: 'Leave it out, or name it by its module and export and let the other side import it.',
      };
    case 'symbol':
      return { what: `the symbol ${String(value)}`, remedy: 'Send a string instead.' };
    default: {
      if (types.isProxy(value)) return { what: 'a Proxy', remedy: 'Send a plain copy of it: { ...value }.' };
      if (types.isSharedArrayBuffer(value)) {
        return { what: 'a SharedArrayBuffer', remedy: 'Use SharedMemory or SharedArray, which processes can share.' };
      }
      const tag = Object.prototype.toString.call(value).slice(8, -1);
      if (tag === 'ArrayBuffer') return { what: 'a detached ArrayBuffer', remedy: 'It was transferred elsewhere.' };
      const name = value instanceof MessagePort ? 'MessagePort' : tag;
      return { what: `a ${name}`, remedy: 'Send what it stands for as plain values.' };
    }
  }
}
