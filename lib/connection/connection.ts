/** Connection: one end of a pipe. */
import type { Duplex } from 'node:stream';

import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_READ, POINT_WRITE } from '../addon/native.js';
import { END, statusError, TIMEOUT, TOO_LONG, WRONG_DIRECTION } from '../addon/status-error.js';
import { checkInteger, checkOptions, checkTimeout } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { EOFError } from '../errors/errors.js';
import { CLOSED_HANDLE, OpenObject, openReference } from '../memory/shared-object.js';
import { NOTHING, putValue, takeBytes, takeLong, takeStatus, takeValue } from '../ring/messages.js';
import { putAwaited, waitToPut } from '../ring/put-awaited.js';
import { registerShareable } from '../serialize/shareables.js';
import {
  MUST_WAIT,
  rejectWaits,
  type SyncWaitOptions,
  syncTimeout,
  type WaitOptions,
  waitOnLoop,
} from '../sync/loop-waits.js';
import { type BytesPart, bytesPart, intoOffset } from './bytes-part.js';
import { ConnectionDuplex, type DuplexOptions } from './duplex.js';
import { type Borrowed, InPlace, type Reservation } from './in-place.js';

const { putBytes, putWhole, getBytes, getAt, peek, count, full } = native;

const LONGEST_MESSAGE = 2 ** 38 - 1;
const INTO_SYNC = 'connection.recvBytesIntoSync()';

/** The bytes of a message that is longer than allowed, consumed: they travel in the error. */
function tooShort(asked: string, allowed: number, bytes: Buffer): Error {
  const why = `the message has ${bytes.length} bytes, ${allowed} were allowed for`;
  return createError('ERR_PROCLOOM_BUFFER_TOO_SHORT', asked, { bytes, why });
}

/**
 * One end of a pipe. Messages keep their boundaries and their order; several senders or receivers on one end are safe.
 *
 * An end may be held by several processes; close() gives up this process's handle. When every handle of the other end is
 * closed or its process dead, recv() first gives what was sent and then throws EOFError; send() throws BrokenPipeError. So a
 * parent that gave an end to a child closes its own handle of it, as in Python. A passed timeout is a TimeoutError.
 *
 * Python: `multiprocessing.connection.Connection`. There two senders on one end can mix their messages up.
 */
export class Connection extends OpenObject implements AsyncIterable<unknown> {
  readonly #readable: boolean;
  readonly #writable: boolean;
  readonly #inPlace = new InPlace(this);

  /** @internal Ends are made by Pipe(), or arrive. */
  constructor(handle: Handle) {
    super(handle);
    this.#readable = count(handle) !== WRONG_DIRECTION;
    this.#writable = full(handle) !== WRONG_DIRECTION;
  }

  get readable(): boolean {
    return this.#readable;
  }

  get writable(): boolean {
    return this.#writable;
  }

  get closed(): boolean {
    return this.handle === CLOSED_HANDLE;
  }

  // --------------------------------------------------------------------------------------------- values

  send(value: unknown, options?: WaitOptions): Promise<void> {
    return putAwaited(this, value, options, 'connection.send()', timeoutError);
  }

  sendSync(value: unknown, options?: SyncWaitOptions): void {
    const status = putValue(this.handle, value, options === undefined ? -1 : syncTimeout(options));
    if (status !== 0) throw statusError(status, 'connection.sendSync()');
  }

  /** The next message: a value, or a Buffer where bytes were sent. */
  recv<T = unknown>(options?: WaitOptions): Promise<T> {
    return this.#waitToTake('connection.recv()', () => takeValue(this.handle, 0), options) as Promise<T>;
  }

  #waitToTake(asked: string, take: () => unknown, options: WaitOptions | undefined): Promise<unknown> {
    return waitOnLoop<unknown>(
      {
        owner: this,
        point: POINT_READ,
        asked,
        attempt: () => {
          const value = take();
          if (value !== NOTHING) return value;
          if (takeStatus === TIMEOUT) return MUST_WAIT;
          throw statusError(takeStatus, asked);
        },
        timedOut: timedOut(asked),
      },
      options,
    );
  }

  recvSync<T = unknown>(options?: SyncWaitOptions): T {
    const value = takeValue(this.handle, options === undefined ? -1 : syncTimeout(options));
    if (value === NOTHING) throw statusError(takeStatus, 'connection.recvSync()');
    return value as T;
  }

  // ---------------------------------------------------------------------------------------------- bytes

  /** Sends bytes[offset, offset + size) as one message. */
  sendBytes(
    bytes: ArrayBufferView | ArrayBuffer,
    options?: WaitOptions & { offset?: number; size?: number },
  ): Promise<void> {
    let part: BytesPart;
    try {
      part = bytesPart(bytes, checkOptions(options));
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return waitToPut(
      this,
      () => putBytes(this.handle, part.view, part.offset, part.size, 0, 0),
      options,
      'connection.sendBytes()',
      timeoutError,
      () => {
        // What was passed may be written over before there is room: bytes are taken at the call.
        const start = part.view.byteOffset + part.offset;
        part = bytesPart(Buffer.from(new Uint8Array(part.view.buffer, start, part.size)), undefined);
      },
    );
  }

  sendBytesSync(
    bytes: ArrayBufferView | ArrayBuffer,
    options?: SyncWaitOptions & { offset?: number; size?: number },
  ): void {
    let status: number;
    if (options === undefined && ArrayBuffer.isView(bytes)) {
      status = putWhole(this.handle, bytes);
    } else {
      const part = bytesPart(bytes, checkOptions(options));
      status = putBytes(this.handle, part.view, part.offset, part.size, 0, syncTimeout(options));
    }
    if (status !== 0) throw statusError(status, 'connection.sendBytesSync()');
  }

  /** The next message of bytes. One longer than maxLength is consumed and carried by BufferTooShort. */
  recvBytes(options?: WaitOptions & { maxLength?: number }): Promise<Buffer> {
    const asked = 'connection.recvBytes()';
    try {
      const most = maxLength(options);
      return waitOnLoop<Buffer>(
        {
          owner: this,
          point: POINT_READ,
          asked,
          attempt: () => {
            const bytes = takeBytes(this.handle, 0);
            return bytes === TIMEOUT ? MUST_WAIT : withinLength(bytes, most, asked);
          },
          timedOut: timedOut(asked),
        },
        options,
      );
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  recvBytesSync(options?: SyncWaitOptions & { maxLength?: number }): Buffer {
    if (options === undefined) {
      const bytes = takeBytes(this.handle, -1);
      return typeof bytes === 'number' ? withinLength(bytes, Infinity, 'connection.recvBytesSync()') : bytes;
    }
    const most = maxLength(options);
    return withinLength(takeBytes(this.handle, syncTimeout(options)), most, 'connection.recvBytesSync()');
  }

  /** Copies the next message of bytes into `into` at `offset`; resolves with its length. */
  recvBytesInto(into: ArrayBufferView, options?: WaitOptions & { offset?: number }): Promise<number> {
    const asked = 'connection.recvBytesInto()';
    try {
      const offset = intoOffset(into, options);
      return waitOnLoop<number>(
        {
          owner: this,
          point: POINT_READ,
          asked,
          attempt: () => {
            const described = getBytes(this.handle, into, offset, false, 0);
            if (described >= 0) return Math.floor(described / 16);
            return described === TIMEOUT ? MUST_WAIT : this.#notTaken(described, into, offset, 0, asked);
          },
          timedOut: timedOut(asked),
        },
        options,
      );
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  recvBytesIntoSync(into: ArrayBufferView, options?: SyncWaitOptions & { offset?: number }): number {
    const offset = intoOffset(into, options);
    const timeout = syncTimeout(options);
    // The fewer arguments, the cheaper the call: that without a timeout is the hot one.
    const described =
      timeout < 0 ? getAt(this.handle, into, offset) : getBytes(this.handle, into, offset, false, timeout);
    return described >= 0 ? Math.floor(described / 16) : this.#notTaken(described, into, offset, timeout, INTO_SYNC);
  }

  /** A message that does not fit is consumed and thrown; whatever else it was is thrown. */
  #notTaken(status: number, into: ArrayBufferView, offset: number, timeoutMs: number, asked: string): number {
    if (status !== TOO_LONG) throw statusError(status, asked);
    const long = takeLong(this.handle, timeoutMs);
    if (typeof long === 'number') throw statusError(long, asked);
    if (long.length > into.byteLength - offset) throw tooShort(asked, into.byteLength - offset, long);
    // Another receiver has taken the long one; this one fits.
    new Uint8Array(into.buffer, into.byteOffset + offset).set(long);
    return long.length;
  }

  // ------------------------------------------------------------------------------------------- in place

  /**
   * The place of a message of `size` bytes in the pipe itself: write it, then commit() it. Other sends of this end wait
   * meanwhile (those of this thread that would block are a StateError). What was there before is in the bytes.
   */
  async reserve(size: number, options?: WaitOptions): Promise<Reservation> {
    const asked = 'connection.reserve()';
    const bytes = checkInteger('size', size, 0, LONGEST_MESSAGE);
    return waitOnLoop<Reservation>(
      {
        owner: this,
        point: POINT_WRITE,
        asked,
        attempt: () => this.#placed(native.reserve(this.handle, bytes, 0), 'reserved', asked) ?? MUST_WAIT,
        timedOut: timedOut(asked),
      },
      options,
    );
  }

  reserveSync(size: number, options?: SyncWaitOptions): Reservation {
    const asked = 'connection.reserveSync()';
    const bytes = checkInteger('size', size, 0, LONGEST_MESSAGE);
    const place = native.reserve(this.handle, bytes, options === undefined ? -1 : syncTimeout(options));
    if (place === TIMEOUT) throw statusError(place, asked);
    return this.#placed(place, 'reserved', asked)!;
  }

  /** The next message of bytes where it lies in the pipe, until it is disposed of. Other receives of this end wait meanwhile. */
  borrow(options?: WaitOptions): Promise<Borrowed> {
    const asked = 'connection.borrow()';
    return waitOnLoop<Borrowed>(
      {
        owner: this,
        point: POINT_READ,
        asked,
        attempt: () => this.#placed(native.borrow(this.handle, false, 0), 'borrowed', asked) ?? MUST_WAIT,
        timedOut: timedOut(asked),
      },
      options,
    );
  }

  borrowSync(options?: SyncWaitOptions): Borrowed {
    const asked = 'connection.borrowSync()';
    const place = native.borrow(this.handle, false, options === undefined ? -1 : syncTimeout(options));
    if (place === TIMEOUT) throw statusError(place, asked);
    return this.#placed(place, 'borrowed', asked)!;
  }

  /** Undefined where one has to wait. */
  #placed<How extends 'reserved' | 'borrowed'>(
    place: ArrayBuffer | number,
    how: How,
    asked: string,
  ): ReturnType<InPlace[How]> | undefined {
    if (place === TIMEOUT) return undefined;
    if (typeof place === 'number') throw statusError(place, asked);
    return this.#inPlace[how](this.handle, place) as ReturnType<InPlace[How]>;
  }

  // ---------------------------------------------------------------------------------------------- waiting

  /** Whether a message (or the end) is there. As in Python, without a timeout it does not wait. */
  poll(options?: WaitOptions): Promise<boolean> {
    const asked = 'connection.poll()';
    let timeout: number;
    try {
      timeout = checkOptions(options)?.timeout ?? 0;
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return waitOnLoop<boolean>(
      {
        owner: this,
        point: POINT_READ,
        asked,
        attempt: () => {
          const next = peek(this.handle, 0);
          return next === TIMEOUT ? MUST_WAIT : isThere(next, asked);
        },
        timedOut: () => false,
      },
      { ...options, timeout },
    );
  }

  pollSync(options?: SyncWaitOptions): boolean {
    const next = peek(this.handle, checkTimeout(checkOptions(options)?.timeout ?? 0));
    return next === TIMEOUT ? false : isThere(next, 'connection.pollSync()');
  }

  /** Message after message, until the other end is closed. */
  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    for (;;) {
      let value: unknown;
      try {
        value = await this.recv();
      } catch (error) {
        if (error instanceof EOFError) return;
        throw error;
      }
      yield value;
    }
  }

  /**
   * The connection as a stream of Node's, for pipeline() and its like: each chunk of bytes is a message, or each object with
   * `objectMode`. Backpressure goes through the pipe. The end of the writing side is a message too (no bytes, or null); when
   * both sides have ended, or the stream is destroyed, the connection is closed.
   */
  toDuplex(options?: DuplexOptions): Duplex {
    return new ConnectionDuplex(this, checkOptions(options) ?? {});
  }

  protected override closing(handle: Handle): void {
    rejectWaits(this, handle);
    this.#inPlace.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/** Of most verbs: a passed timeout is an error. */
const timeoutError = (_: Connection, asked: string) => statusError(TIMEOUT, asked);
const timedOut = (asked: string) => (): never => {
  throw statusError(TIMEOUT, asked);
};

function isThere(next: number, asked: string): boolean {
  if (next >= 0 || next === END) return true;
  throw statusError(next, asked);
}

function maxLength(options: { maxLength?: number } | undefined): number {
  const most = checkOptions(options)?.maxLength;
  return most === undefined ? Infinity : checkInteger('maxLength', most, 0);
}

function withinLength(bytes: Buffer | number, most: number, asked: string): Buffer {
  if (typeof bytes === 'number') throw statusError(bytes, asked);
  if (bytes.length > most) throw tooShort(asked, most, bytes);
  return bytes;
}

registerShareable(Connection, {
  kind: 'Connection',
  describe: (connection: Connection) => connection.reference(),
  revive: (reference: string) => new Connection(openReference(reference, native.kind.PIPE)),
});
