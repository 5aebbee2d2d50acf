/** Messages on a stream of bytes: each is preceded by its length, four bytes, least significant first. */
import type { Socket } from 'node:net';

const HEADER_BYTES = 4;
/** Small messages are gathered into writes of this size; larger ones than a quarter of it are written where they lie. */
const BATCH_BYTES = 64 * 1024;

/** Gathers messages and writes them, waiting for the socket whenever it is full. */
export class FrameWriter {
  private readonly socket: Socket;
  private batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  private filled = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** True if there is room for more; else drained() must be awaited first. */
  write(message: Uint8Array): boolean {
    if (message.length > BATCH_BYTES / 4) {
      const before = this.flush();
      const header = Buffer.allocUnsafe(HEADER_BYTES);
      header.writeUInt32LE(message.length);
      this.socket.cork();
      this.socket.write(header);
      const room = this.socket.write(message);
      this.socket.uncork();
      return before && room;
    }
    let room = true;
    if (this.filled + HEADER_BYTES + message.length > BATCH_BYTES) room = this.flush();
    this.filled = this.batch.writeUInt32LE(message.length, this.filled);
    this.batch.set(message, this.filled);
    this.filled += message.length;
    return room;
  }

  /** Hands what was gathered to the socket, whose memory it then is. */
  flush(): boolean {
    if (this.filled === 0) return true;
    const room = this.socket.write(this.batch.subarray(0, this.filled));
    this.batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
    this.filled = 0;
    return room;
  }

  drained(): Promise<void> {
    return this.socket.writableNeedDrain
      ? new Promise((resolve) => this.socket.once('drain', resolve))
      : Promise.resolve();
  }
}

/** Cuts chunks of a stream into messages again, copying each into `target` at `offset` as it comes. */
export class FrameReader {
  target: Buffer = Buffer.alloc(0);
  offset = 0;
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerFilled = 0;
  private length = 0;
  private filled = 0;
  private readonly complete: (length: number) => void;

  /** `complete` is called when a message stands in target[offset, offset + length); it moves the two on for the next. */
  constructor(complete: (length: number) => void) {
    this.complete = complete;
  }

  push(chunk: Buffer, size: number): void {
    let at = 0;
    while (at < size) {
      if (this.headerFilled < HEADER_BYTES) {
        if (this.headerFilled === 0 && size - at >= HEADER_BYTES) {
          this.length = chunk.readUInt32LE(at);
          at += HEADER_BYTES;
          this.headerFilled = HEADER_BYTES;
        } else {
          this.header[this.headerFilled++] = chunk[at++];
          if (this.headerFilled < HEADER_BYTES) continue;
          this.length = this.header.readUInt32LE();
        }
        this.filled = 0;
        if (this.offset + this.length > this.target.length) {
          throw new RangeError(`a message of ${this.length} bytes does not fit where it was to go`);
        }
      }
      const part = Math.min(this.length - this.filled, size - at);
      chunk.copy(this.target, this.offset + this.filled, at, at + part);
      at += part;
      this.filled += part;
      if (this.filled === this.length) {
        this.headerFilled = 0;
        this.complete(this.length);
      }
    }
  }
}
