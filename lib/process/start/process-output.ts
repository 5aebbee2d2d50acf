/**
 * What a process prints, for who reads it here.
 *
 * Node reads on and throws away what nobody has begun to read when the process ends, so that its last words would be there
 * for the quick alone. Here they stay until somebody wants them, as those of a thread do.
 */
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';

/** As much is read in advance while the process runs: it waits then, as at any pipe. */
const AHEAD_BYTES = 64 * 1024;
/** All that the system keeps of a process that has ended, and more; what comes then is of others who have the pipe, too. */
const LAST_BYTES = 1024 * 1024;

export class ProcessOutput extends Readable {
  readonly #pipe: Socket;
  #mostAhead = AHEAD_BYTES;

  constructor(pipe: Socket) {
    super({ highWaterMark: AHEAD_BYTES });
    this.#pipe = pipe;
    pipe.on('data', (chunk: Buffer) => {
      this.push(chunk);
      if (this.readableLength >= this.#mostAhead) pipe.pause();
    });
    pipe.once('end', () => this.push(null));
    pipe.once('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.#pipe.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pipe.destroy();
    done(error);
  }

  /** Its process has ended: what it has written is taken over now, whoever wants it when. */
  takeAll(): void {
    this.#mostAhead = LAST_BYTES;
    this.#pipe.resume();
    this.#pipe.ref();
  }

  /** Whether it keeps this process alive. */
  ref(): void {
    this.#pipe.ref();
  }

  unref(): void {
    this.#pipe.unref();
  }
}
