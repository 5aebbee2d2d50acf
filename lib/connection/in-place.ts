/** Messages that are written and read where they lie in the pipe: no copy is made on either side. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_READ, POINT_WRITE } from '../addon/native.js';
import { orThrow } from '../addon/status-error.js';
import { checkInteger } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { tryNow } from '../sync/loop-waits.js';

/** The place of the next message. Write it, then commit() it; dispose() lets it go. `bytes` is detached afterwards. */
export interface Reservation {
  readonly bytes: Uint8Array;
  /** Sends the first `size` bytes, or all of them. */
  commit(size?: number): void;
  [Symbol.dispose](): void;
}

/** The next message, where it lies. It is consumed, and `bytes` detached, on dispose. */
export interface Borrowed {
  readonly bytes: Uint8Array;
  [Symbol.dispose](): void;
}

/** @internal What is in place at one end; its close() ends it. */
export class InPlace {
  /** Kept by whoever has a place, which keeps this: the handle of a connection that nobody can reach is closed. */
  readonly owner: object;
  #reservation: PlaceToWrite | undefined;
  #loan: PlaceToRead | undefined;

  constructor(owner: object) {
    this.owner = owner;
  }

  reserved(handle: Handle, place: ArrayBuffer): Reservation {
    const over = () => (this.#reservation = undefined);
    return (this.#reservation = new PlaceToWrite(handle, place, over));
  }

  borrowed(handle: Handle, place: ArrayBuffer): Borrowed {
    const over = () => (this.#loan = undefined);
    return (this.#loan = new PlaceToRead(handle, place, over));
  }

  end(): void {
    this.#reservation?.[Symbol.dispose]();
    this.#loan?.[Symbol.dispose]();
  }
}

/** Open until it is ended, once. */
class Place {
  readonly bytes: Uint8Array;
  protected readonly handle: Handle;
  protected readonly place: ArrayBuffer;
  protected open = true;
  readonly #over: () => void;

  constructor(handle: Handle, place: ArrayBuffer, over: () => void) {
    this.bytes = new Uint8Array(place);
    this.handle = handle;
    this.place = place;
    this.#over = over;
  }

  /** @param point where others of this thread may have waited for that */
  protected end(point: number, how: () => unknown): void {
    this.open = false;
    this.#over();
    try {
      how();
    } finally {
      tryNow(this.handle, point);
    }
  }
}

class PlaceToWrite extends Place implements Reservation {
  commit(size?: number): void {
    const asked = 'reservation.commit()';
    if (!this.open) {
      throw createError('ERR_PROCLOOM_STATE', asked, { why: 'it was committed or disposed of before' });
    }
    const bytes = checkInteger('size', size ?? this.bytes.length, 0, this.bytes.length);
    this.end(POINT_WRITE, () => orThrow(native.reservePublish(this.handle, this.place, bytes), asked));
  }

  [Symbol.dispose](): void {
    if (this.open) this.end(POINT_WRITE, () => native.reserveGiveUp(this.handle, this.place));
  }
}

class PlaceToRead extends Place implements Borrowed {
  [Symbol.dispose](): void {
    if (this.open) this.end(POINT_READ, () => native.borrowReturn(this.handle, this.place, true));
  }
}
