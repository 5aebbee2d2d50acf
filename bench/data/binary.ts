/**
 * The bytes that the benchmark moves: those of the running node binary, cut into messages.
 *
 * Sender and receiver each read the file for themselves; what the receiver expects never travels with the data.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** More messages than this would be more garbage for the collector than data for the transport. */
const MESSAGES_LIMIT = 65_536;

/** Bytes that one lap moves at most: the receiver keeps a whole lap, to verify it after the clock has stopped. */
const LAP_BYTES_LIMIT = 32 * 1024 * 1024;

/** Of fewer messages than this a shorter last one would be too large a part: then there is none. */
const SHORTER_LAST_FROM = 3;

/** Where a message lies in the file. */
export interface Range {
  start: number;
  end: number;
}

function usedOf(fileBytes: number, messageBytes: number): number {
  const whole = Math.floor(fileBytes / messageBytes);
  if (whole > 0 && whole < SHORTER_LAST_FROM) return whole * messageBytes;
  return Math.min(fileBytes, messageBytes * MESSAGES_LIMIT);
}

/** The node binary as a circle of messages of one size; the last may be shorter, if there are many. */
export class Binary {
  readonly path: string;
  readonly messageBytes: number;
  /** Bytes of the file in use: all of it, except where messages are so small or so large that only the first so many are. */
  readonly usedBytes: number;
  /** Messages in the circle. */
  readonly messages: number;
  /** Messages that one lap has at most. */
  readonly lapLimit: number;
  readonly bytes: Buffer;
  private readonly views: Buffer[] = [];

  constructor(messageBytes: number, path: string = process.execPath) {
    this.path = path;
    this.messageBytes = messageBytes;
    const file = openSync(path, 'r');
    try {
      this.usedBytes = usedOf(fstatSync(file).size, messageBytes);
      this.bytes = Buffer.allocUnsafeSlow(this.usedBytes);
      let filled = 0;
      while (filled < this.usedBytes) {
        const got = readSync(file, this.bytes, filled, this.usedBytes - filled, filled);
        if (got === 0) throw new Error(`'${path}' ended at ${filled} of ${this.usedBytes} bytes while it was read`);
        filled += got;
      }
    } finally {
      closeSync(file);
    }
    this.messages = Math.ceil(this.usedBytes / messageBytes);
    this.lapLimit = Math.max(1, Math.min(MESSAGES_LIMIT, Math.floor(LAP_BYTES_LIMIT / messageBytes)));
  }

  /** The message at a place of the endless circle, as a view of the file's bytes: the same one each time around. */
  message(place: number): Buffer {
    const { start, end } = this.range(place);
    return (this.views[place % this.messages] ??= this.bytes.subarray(start, end));
  }

  range(place: number): Range {
    const start = (place % this.messages) * this.messageBytes;
    return { start, end: Math.min(start + this.messageBytes, this.usedBytes) };
  }

  /** The messages of a lap, ready to be sent. */
  lap(first: number, count: number): Buffer[] {
    return Array.from({ length: count }, (_, i) => this.message(first + i));
  }
}
