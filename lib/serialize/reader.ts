/**
 * Bytes into values: the inverse of writer.ts.
 *
 * Nothing is believed: each length is compared with the bytes that are left before anything of that size is made, each
 * byte is read once, and no code of the message's choosing runs. What is wrong with the bytes is a SerializeError.
 * Everything is copied: the bytes may be written over as soon as read() returns.
 */
import { createError } from '../errors/codes.js';
import { ProcloomError, type SerializeError } from '../errors/errors.js';
import { isIndex } from './array-keys.js';
import { ERROR_FIELDS, makeError, setErrorField } from './error-kinds.js';
import { readKey, readOneByteString } from './short-strings.js';
import { shareableKindNamed, shareableKindOf } from './shareables.js';
import { addHoles } from './sparse-arrays.js';
import * as token from './tokens.js';
import { BUFFER_VIEW, isViewPossible, makeView } from './views.js';

export class ValueReader {
  /** The shareables that were opened, also when reading failed behind them; undefined for none. */
  shareables: object[] | undefined;

  #buffer!: Buffer;
  #view!: DataView;
  #viewed: Buffer | undefined;
  #position = 0;
  #end = 0;
  /** How many elements may still be made room for. */
  #budget = 0;
  #resizables = 0;
  /** The objects by their numbers; undefined in messages without links. */
  #objects: (object | undefined)[] | undefined;

  /** The value of buffer[start, end). */
  read(buffer: Buffer, start: number, end: number, linked: boolean): unknown {
    if (buffer !== this.#viewed) {
      this.#viewed = buffer;
      this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    }
    this.#buffer = buffer;
    this.#position = start;
    this.#end = end;
    this.#budget = end - start;
    this.#resizables = 0;
    this.#objects = linked ? [] : undefined;
    this.shareables = undefined;
    try {
      const value = this.#value();
      if (this.#position !== end) throw this.#damaged(`${end - this.#position} bytes are left over`);
      return value;
    } catch (error) {
      for (const object of this.shareables ?? []) shareableKindOf(object)?.discard?.(object);
      throw this.#explained(error);
    } finally {
      this.#objects = undefined;
    }
  }

  #value(): unknown {
    if (this.#position >= this.#end) throw this.#damaged('it ends too early');
    const byte = this.#buffer[this.#position++]!;
    if (byte <= token.SMALL_INTEGER_LAST) return byte;
    if (byte < token.OBJECT_0) return this.#array(byte & 0x0f);
    if (byte < token.STRING_0) return this.#object(byte & 0x0f);
    if (byte < token.NULL) return this.#oneByteString(byte & 0x1f);
    switch (byte) {
      case token.NULL:
        return null;
      case token.UNDEFINED:
        return undefined;
      case token.FALSE:
        return false;
      case token.TRUE:
        return true;
      case token.INT8:
        return this.#view.getInt8(this.#take(1));
      case token.INT16:
        return this.#view.getInt16(this.#take(2), true);
      case token.INT32:
        return this.#view.getInt32(this.#take(4), true);
      case token.FLOAT64:
        return this.#view.getFloat64(this.#take(8), true);
      case token.STRING_8:
        return this.#oneByteString(this.#u8());
      case token.STRING_32:
        return this.#oneByteString(this.#u32());
      case token.STRING_TWO_BYTE:
        return this.#twoByteString(this.#u32());
      case token.ARRAY:
        return this.#array(this.#u32());
      case token.OBJECT:
        return this.#object(this.#u32());
      default:
        return this.#rare(byte);
    }
  }

  #rare(byte: number): unknown {
    switch (byte) {
      case token.BIGINT64:
        return this.#view.getBigInt64(this.#take(8), true);
      case token.BIGINT:
        return this.#bigint();
      case token.ARRAY_WITH_KEYS:
        return this.#arrayWithKeys();
      case token.MAP:
        return this.#map();
      case token.SET:
        return this.#set();
      case token.DATE:
        return this.#numbered(new Date(this.#view.getFloat64(this.#take(8), true)));
      case token.REGEXP:
        return this.#numbered(new RegExp(this.#text(), this.#text()));
      case token.BOXED:
        return this.#boxed();
      case token.ERROR:
        return this.#error();
      case token.ARRAY_BUFFER:
        return this.#numbered(this.#memory(this.#length()));
      case token.RESIZABLE_BUFFER:
        return this.#resizable();
      case token.VIEW:
        return this.#wholeView();
      case token.VIEW_OF:
        return this.#viewOf();
      case token.SHAREABLE:
        return this.#shareable();
      case token.SHARED_VIEW:
        return this.#sharedView();
      case token.SHARED_BUFFER:
        return this.#sharedBuffer();
      case token.LINK:
        return this.#link();
      default:
        throw this.#damaged(`no value begins with byte ${byte}`);
    }
  }

  // ------------------------------------------------------------------------------------------- primitives

  /** Moves on by so many bytes; returns where they begin. */
  #take(bytes: number): number {
    const start = this.#position;
    if (bytes > this.#end - start) throw this.#damaged('it ends too early');
    this.#position = start + bytes;
    return start;
  }

  #u8(): number {
    return this.#buffer[this.#take(1)]!;
  }

  #u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A length of memory, or a place in it. */
  #length(): number {
    const length = this.#view.getFloat64(this.#take(8), true);
    if (!Number.isSafeInteger(length) || length < 0) throw this.#damaged('a length is none');
    return length;
  }

  /** A number of things of at least `bytes` bytes each, which must have room in what is left. */
  #count(bytes: number): number {
    return this.#fitting(this.#u32(), bytes);
  }

  #fitting(count: number, bytes: number): number {
    if (count * bytes > this.#end - this.#position) throw this.#damaged('it ends too early');
    return count;
  }

  #oneByteString(length: number): string {
    return readOneByteString(this.#buffer, this.#take(length), length);
  }

  #twoByteString(length: number): string {
    const start = this.#take(length * 2);
    return this.#buffer.toString('utf16le', start, start + length * 2);
  }

  #text(): string {
    const value = this.#value();
    if (typeof value !== 'string') throw this.#damaged('a string is missing');
    return value;
  }

  #bigint(): bigint {
    const negative = this.#u8() === 1;
    const digits = this.#text();
    if (!/^[0-9a-f]+$/.test(digits)) throw this.#damaged('a bigint has no digits');
    const value = BigInt(`0x${digits}`);
    return negative ? -value : value;
  }

  // ------------------------------------------------------------------------------------------- containers

  #numbered<T extends object>(object: T): T {
    this.#objects?.push(object);
    return object;
  }

  #object(count: number): object {
    this.#fitting(count, 2);
    const object = {};
    if (this.#objects !== undefined) this.#objects.push(object);
    this.#keyed(object, count);
    return object;
  }

  #keyed(object: object, count: number): void {
    const buffer = this.#buffer;
    for (let i = 0; i < count; i++) {
      const length = this.#u8();
      const key = length === 0xff ? this.#text() : readKey(buffer, this.#take(length), length);
      const value = this.#value();
      if (key === '__proto__') {
        Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
      } else {
        (object as Record<string, unknown>)[key] = value;
      }
    }
  }

  #array(length: number): unknown[] {
    // Memory is taken beforehand for no more elements, in the whole message, than it has bytes; holes take none, so that
    // an array may be longer.
    this.#budget -= length;
    const array = this.#budget >= 0 ? new Array<unknown>(length) : [];
    if (this.#objects !== undefined) this.#objects.push(array);
    for (let i = 0; i < length; i++) {
      if (this.#buffer[this.#position] === token.HOLES && this.#position < this.#end) {
        this.#position++;
        const run = this.#u32();
        if (run === 0 || run > length - i) throw this.#damaged('a run of holes has the wrong length');
        i += run - 1;
        continue;
      }
      array[i] = this.#value();
    }
    if (array.length < length) addHoles(array, length);
    return array;
  }

  #arrayWithKeys(): unknown[] {
    const array = this.#value();
    if (!Array.isArray(array)) throw this.#damaged('an array is missing');
    const count = this.#count(2);
    for (let i = 0; i < count; i++) {
      const length = this.#u8();
      const key = length === 0xff ? this.#text() : readKey(this.#buffer, this.#take(length), length);
      // They would make room for as many elements as they say.
      if (key === 'length' || isIndex(key)) throw this.#damaged('an array has a wrong property');
      Object.defineProperty(array, key, {
        value: this.#value(),
        configurable: true,
        enumerable: true,
        writable: true,
      });
    }
    return array;
  }

  #map(): Map<unknown, unknown> {
    const count = this.#count(2);
    const map = this.#numbered(new Map<unknown, unknown>());
    for (let i = 0; i < count; i++) map.set(this.#value(), this.#value());
    return map;
  }

  #set(): Set<unknown> {
    const count = this.#count(1);
    const set = this.#numbered(new Set());
    for (let i = 0; i < count; i++) set.add(this.#value());
    return set;
  }

  #boxed(): object {
    const value = this.#value();
    if (value === null || value === undefined || typeof value === 'object') {
      throw this.#damaged('a primitive is missing');
    }
    return this.#numbered(Object(value) as object);
  }

  #error(): Error {
    const kind = this.#u8();
    const fields = this.#u8();
    const error = makeError(kind);
    if (error === undefined) throw this.#damaged(`no error has the kind ${kind}`);
    this.#numbered(error);
    ERROR_FIELDS.forEach((field, bit) => {
      if ((fields & (1 << bit)) !== 0) setErrorField(error, field, this.#value());
    });
    this.#keyed(error, this.#count(2));
    return error;
  }

  #link(): object {
    const number = this.#u32();
    const object = this.#objects?.[number];
    if (object === undefined) throw this.#damaged(`nothing has the number ${number}`);
    return object;
  }

  // ----------------------------------------------------------------------------------- memory, references

  #memory(length: number): ArrayBuffer {
    const start = this.#take(length);
    const copy = new Uint8Array(length);
    copy.set(this.#buffer.subarray(start, start + length));
    return copy.buffer;
  }

  #resizable(): ArrayBuffer {
    const length = this.#length();
    const maxByteLength = this.#length();
    if (length > maxByteLength) throw this.#damaged('a buffer is longer than its maximum');
    if (++this.#resizables > token.MOST_RESIZABLE) throw this.#damaged('it has too many resizable buffers');
    const start = this.#take(length);
    const buffer = new (ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer)(
      length,
      {
        maxByteLength,
      },
    );
    new Uint8Array(buffer).set(this.#buffer.subarray(start, start + length));
    return this.#numbered(buffer);
  }

  #wholeView(): ArrayBufferView {
    const kind = this.#u8();
    const length = this.#length();
    if (!isViewPossible(kind, 0, length, length)) throw this.#damaged('a view does not fit its memory');
    const view = this.#numbered(makeView(kind, this.#memory(length), 0, length));
    if (kind !== BUFFER_VIEW) this.#numbered(view.buffer);
    return view;
  }

  #viewOf(): ArrayBufferView {
    const kind = this.#u8();
    const offset = this.#length();
    const length = this.#length();
    const place = this.#reserveNumber();
    const memory = this.#value();
    if (!(memory instanceof ArrayBuffer)) throw this.#damaged('the memory of a view is missing');
    return this.#settleNumber(place, this.#checkedView(kind, memory, offset, length));
  }

  #checkedView(kind: number, memory: ArrayBuffer, offset: number, length: number): ArrayBufferView {
    if (!isViewPossible(kind, offset, length, memory.byteLength)) {
      throw this.#damaged('a view does not fit its memory');
    }
    return makeView(kind, memory, offset, length);
  }

  #shareable(): object {
    const place = this.#reserveNumber();
    const name = this.#text();
    const kind = shareableKindNamed(name);
    if (kind === undefined) throw this.#damaged(`nothing of the kind '${name.slice(0, 64)}' is known here`);
    const object = kind.revive(this.#value());
    if (kind.composed === undefined) (this.shareables ??= []).push(object);
    return this.#settleNumber(place, object);
  }

  #sharedView(): ArrayBufferView {
    const kind = this.#u8();
    const offset = this.#length();
    const length = this.#length();
    const place = this.#reserveNumber();
    return this.#settleNumber(place, this.#checkedView(kind, this.#sharedMemory(), offset, length));
  }

  #sharedBuffer(): ArrayBuffer {
    const place = this.#reserveNumber();
    return this.#settleNumber(place, this.#sharedMemory());
  }

  #sharedMemory(): ArrayBuffer {
    const owner = this.#value();
    if (typeof owner === 'object' && owner !== null) {
      const memory = shareableKindOf(owner)?.buffer?.(owner);
      if (memory !== undefined) return memory;
    }
    throw this.#damaged('the owner of shared memory is missing');
  }

  /** For an object whose parts are read before it can be made: its number comes first all the same. */
  #reserveNumber(): number {
    if (this.#objects === undefined) return -1;
    return this.#objects.push(undefined) - 1;
  }

  #settleNumber<T extends object>(place: number, object: T): T {
    if (this.#objects !== undefined) this.#objects[place] = object;
    return object;
  }

  // ------------------------------------------------------------------------------------------------ errors

  #damaged(why: string): SerializeError {
    return createError('ERR_PROCLOOM_DECODE', 'reading a message', {
      why: `the bytes are no value that procloom wrote: ${why}`,
    });
  }

  /** What was thrown in here; what an object that was to be opened said of itself is passed on as it is. */
  #explained(error: unknown): ProcloomError {
    if (error instanceof ProcloomError) return error;
    const why =
      error instanceof RangeError && /call stack/.test(error.message)
        ? 'it is nested too deeply'
        : `${error instanceof Error ? error.message : String(error)}`;
    return createError('ERR_PROCLOOM_DECODE', 'reading a message', { why, cause: error });
  }
}
