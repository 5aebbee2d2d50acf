/**
 * The scratch that values are written into, and its larger successors: tokens, numbers, strings, bytes.
 */
import { isPart, looksFor, Parts } from './parts.js';
import * as token from './tokens.js';

/** Keys and strings up to this length are written in JavaScript; a call into C++ costs more. */
const SHORT_STRING = 32;
const beyondOneByte = /[\u0100-\uffff]/;

export class ByteWriter {
  /** What was written: buffer[0, position). The scratch, or a larger one if it did not suffice. */
  buffer!: Buffer;
  position = 0;
  /** What belongs between that, and was not copied; undefined for none. */
  parts: Parts | undefined;
  /** As long as this is not 0 there are parts that the user's code could change: look before any of it may run. */
  protected looks = 0;

  #view!: DataView;
  #limit = 0;
  #scratch: Buffer | undefined;
  #scratchView: DataView | undefined;

  /** Begins at the scratch's start. */
  protected begin(scratch: Buffer): void {
    if (scratch !== this.#scratch) {
      this.#scratch = scratch;
      this.#scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.byteLength);
    }
    this.buffer = scratch;
    this.#view = this.#scratchView!;
    this.#limit = scratch.length;
    this.position = 0;
    this.parts = undefined;
    this.looks = 0;
  }

  /** Writes a number where room was left for it. */
  protected u32At(position: number, value: number): void {
    this.#view.setUint32(position, value, true);
  }

  protected token(byte: number): void {
    if (this.position >= this.#limit) this.#grow(1);
    this.buffer[this.position++] = byte;
  }

  protected number(value: number): void {
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

  protected bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.token(token.BIGINT64);
      this.room(8);
      this.#view.setBigInt64(this.position, value, true);
      this.position += 8;
      return;
    }
    this.token(token.BIGINT);
    this.token(value < 0n ? 1 : 0);
    this.string((value < 0n ? -value : value).toString(16));
  }

  protected string(value: string): void {
    const length = value.length;
    if (length < SHORT_STRING) {
      this.room(length + 1);
      const start = this.position;
      if (this.#oneByteCharacters(value, start + 1)) {
        this.buffer[start] = token.STRING_0 | length;
        return;
      }
    } else if (!beyondOneByte.test(value)) {
      this.room(length + 5);
      if (length < 0x100) {
        this.buffer[this.position++] = token.STRING_8;
        this.buffer[this.position++] = length;
      } else {
        this.buffer[this.position++] = token.STRING_32;
        this.u32(length);
      }
      this.position += this.buffer.write(value, this.position, length, 'latin1');
      return;
    }
    this.room(length * 2 + 5);
    this.buffer[this.position++] = token.STRING_TWO_BYTE;
    this.u32(length);
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

  protected key(key: string): void {
    const length = key.length;
    if (length < 0xff) {
      this.room(length + 1);
      const start = this.position;
      if (this.#oneByteCharacters(key, start + 1)) {
        this.buffer[start] = length;
        return;
      }
    }
    this.token(0xff);
    this.string(key);
  }

  protected u32(value: number): void {
    this.#view.setUint32(this.position, value, true);
    this.position += 4;
  }

  protected f64(value: number): void {
    this.room(8);
    this.#view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  /** Memory of a value. */
  protected bytes(bytes: Uint8Array): void {
    if (isPart(bytes)) {
      (this.parts ??= new Parts()).add(this.position, bytes);
      this.looks += looksFor(bytes);
      return;
    }
    this.room(bytes.length);
    this.buffer.set(bytes, this.position);
    this.position += bytes.length;
  }

  protected room(bytes: number): void {
    if (this.position + bytes > this.#limit) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const needed = this.position + bytes;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.#limit * 2, needed + 0x4000000)));
    larger.set(this.buffer.subarray(0, this.position));
    this.buffer = larger;
    this.#view = new DataView(larger.buffer, larger.byteOffset, larger.byteLength);
    this.#limit = larger.length;
  }
}
