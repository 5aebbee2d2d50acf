/**
 * Large memory in a value. It is not copied while the value is written, but goes from where it lies into the message:
 *
 *     tokens    ├───────┤├────┤├──┤                the writer's buffer
 *     parts             A     B                    and the positions in it before which they belong
 *     message   ├───────┤AAAAA├────┤BBBBB├──┤
 *
 * A message has its value as it was when it was written. So none of the user's code may run from when a part is found
 * until the message is put: before it could, settle() makes copies.
 */
import { constants } from 'node:buffer';

import { createError } from '../errors/codes.js';

/** Up to that, bytes are copied into the scratch as quickly as they are noted and put apart. */
export const PART_BYTES = 32 * 1024;

export class Parts {
  readonly bytes: Uint8Array[] = [];
  /** Before which of the written bytes each of them stands, in ascending order. */
  readonly positions: number[] = [];
  /** Of all of them. */
  size = 0;
  readonly #lengths: number[] = [];
  #settled = 0;

  add(position: number, bytes: Uint8Array): void {
    this.positions.push(position);
    this.bytes.push(bytes);
    this.#lengths.push(bytes.length);
    this.size += bytes.length;
  }

  /** What was written behind `position` has moved on by so many bytes. */
  moveOn(position: number, by: number): void {
    const { positions } = this;
    for (let i = positions.length - 1; i >= 0 && positions[i]! > position; i--) positions[i]! += by;
  }

  /** From now on they are what they are now, whatever becomes of the user's memory. */
  settle(): void {
    for (; this.#settled < this.bytes.length; this.#settled++) {
      this.bytes[this.#settled] = Buffer.from(this.bytes[this.#settled]!);
    }
  }

  /** Whether a message can be made of them and of `written` bytes. Call it when nothing can happen any more until it is. */
  check(written: number): void {
    if (written + this.size > constants.MAX_LENGTH) {
      throw createError('ERR_PROCLOOM_SERIALIZE', 'sending the value', { why: 'the message is too large', path: '' });
    }
    // The traps of a Proxy among an object's prototypes are not foreseen. Better no message than a torn one.
    this.bytes.forEach((bytes, i) => {
      if (bytes.length === this.#lengths[i]) return;
      throw createError('ERR_PROCLOOM_SERIALIZE', 'sending the value', {
        why: 'an ArrayBuffer in it was detached while the value was read',
        remedy: 'Let no trap of a Proxy do that.',
        path: '',
      });
    });
  }
}

/** The memory of a resizable buffer is copied at once. */
export function isPart(bytes: Uint8Array): boolean {
  return bytes.length >= PART_BYTES && (bytes.buffer as { resizable?: boolean }).resizable !== true;
}

/** How often it is worth while to look whether code would run, rather than to copy the part and be done with it. */
export function looksFor(bytes: Uint8Array): number {
  return bytes.length >>> 10;
}
