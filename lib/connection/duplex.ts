/**
 * A connection as a stream of Node's: each chunk (or object) is a message, and backpressure is the pipe's.
 *
 * A stream can end its writing side alone, a connection cannot. So an end is a message of its own: no bytes in byte mode,
 * null in object mode, neither of which is a chunk. Whoever is at the other end without a stream sends and sees just that.
 */
import { Duplex } from 'node:stream';

import { EOFError } from '../errors/errors.js';
import type { WaitOptions } from '../sync/loop-waits.js';

/** How a stream over a connection is made; the marks are Node's own (bytes, or objects). */
export interface DuplexOptions {
  /** Values with send() and recv() instead of bytes. */
  objectMode?: boolean;
  readableHighWaterMark?: number;
  writableHighWaterMark?: number;
}

/** What it needs of a connection. */
interface Ends {
  readonly readable: boolean;
  readonly writable: boolean;
  send(value: unknown, options?: WaitOptions): Promise<void>;
  recv(options?: WaitOptions): Promise<unknown>;
  sendBytes(bytes: Uint8Array, options?: WaitOptions): Promise<void>;
  recvBytes(options?: WaitOptions): Promise<Buffer>;
  close(): void;
}

const NO_BYTES = new Uint8Array(0);

/** @internal The stream; when both of its sides have ended, or it is destroyed, the connection is closed. */
export class ConnectionDuplex extends Duplex {
  readonly #ends: Ends;
  readonly #objects: boolean;
  /** Ends the pending message of whoever destroys it. */
  readonly #over = new AbortController();

  constructor(ends: Ends, { objectMode = false, ...marks }: DuplexOptions) {
    const sides = { readable: ends.readable, writable: ends.writable };
    super({ ...marks, ...sides, objectMode });
    this.#ends = ends;
    this.#objects = objectMode;
  }

  override _read(): void {
    void this.#receive();
  }

  async #receive(): Promise<void> {
    const options = { signal: this.#over.signal };
    try {
      if (this.#objects) {
        this.push(await this.#ends.recv(options));
      } else {
        const bytes = await this.#ends.recvBytes(options);
        this.push(bytes.length === 0 ? null : bytes);
      }
    } catch (error) {
      if (this.destroyed) return;
      if (error instanceof EOFError) this.push(null);
      else this.destroy(error as Error);
    }
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const bytes = typeof chunk === 'string' && !this.#objects ? Buffer.from(chunk, encoding) : (chunk as Uint8Array);
    if (!this.#objects && bytes.length === 0) done();
    else void this.#put(this.#objects ? chunk : bytes, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    void this.#put(this.#objects ? null : NO_BYTES, done);
  }

  async #put(message: unknown, done: (error?: Error | null) => void): Promise<void> {
    const options = { signal: this.#over.signal };
    try {
      if (this.#objects) await this.#ends.send(message, options);
      else await this.#ends.sendBytes(message as Uint8Array, options);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#over.abort();
    this.#ends.close();
    done(error);
  }
}
