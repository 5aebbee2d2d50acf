/**
 * Where the receiver of a lap keeps what it got, until the clock has stopped and it can be verified.
 *
 * Two ways in: a driver that copies anyway writes into `bytes` and `lengths` and says how far it came with `landed()`;
 * one that is given fresh memory with every message hands it to `keep()`, which stores a reference only. Either way
 * nothing is hashed while the clock runs, and no message of a lap is thrown away unseen.
 */
import { Buffer } from 'node:buffer';

/** Stands in the memory before each lap, so that what a driver failed to write is not last lap's right bytes. */
const SCRIBBLE = 0xa5;

export class Landing {
  /** Room for a lap, and for messages that are longer than they should be. */
  readonly bytes: Buffer;
  readonly lengths: Uint32Array;
  private count = 0;
  private end = 0;
  private readonly kept: Uint8Array[] = [];

  constructor(messageBytes: number, lapLimit: number) {
    this.bytes = Buffer.allocUnsafeSlow(messageBytes * (lapLimit + 1));
    this.lengths = new Uint32Array(lapLimit + 1);
  }

  /** Forgets the lap before, and touches the memory that the next one will need. */
  clear(): void {
    this.bytes.fill(SCRIBBLE);
    this.lengths.fill(0);
    this.kept.length = 0;
    this.count = 0;
    this.end = 0;
  }

  /** `count` messages stand in `bytes`, one after the other up to `end`, their lengths in `lengths`. */
  landed(count: number, end: number): void {
    this.count = count;
    this.end = end;
  }

  keep(message: Uint8Array): void {
    this.kept.push(message);
  }

  /** What was got. */
  settle(): { lengths: Uint32Array; bytes: Uint8Array } {
    if (this.kept.length === 0)
      return { lengths: this.lengths.subarray(0, this.count), bytes: this.bytes.subarray(0, this.end) };
    return { lengths: Uint32Array.from(this.kept, (message) => message.byteLength), bytes: Buffer.concat(this.kept) };
  }
}
