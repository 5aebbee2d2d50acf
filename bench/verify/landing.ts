/**
 * Where the receiver of a lap keeps what it got, until the clock has stopped and it can be verified.
 *
 * Three ways in: a driver that copies anyway writes into `bytes` and `lengths` and says how far it came with `landed()`;
 * one that is given fresh memory with every message hands it to `keep()`, which stores a reference only; one that reads
 * messages where they lie, and has to let go of them, hands them to `look()`, which compares them byte for byte at once.
 * Nothing is hashed while the clock runs, and no message of a lap is thrown away unseen.
 */
import { Buffer } from 'node:buffer';
import type { Binary } from '../data/binary.js';

/** Stands in the memory before each lap, so that what a driver failed to write is not last lap's right bytes. */
const SCRIBBLE = 0xa5;

export class Landing {
  readonly lengths: Uint32Array;
  /** Of the messages that were looked at, the first that was not what was sent; -1 for none. */
  differing = -1;
  private readonly room: number;
  private memory: Buffer | undefined;
  private looked = false;
  private count = 0;
  private end = 0;
  private readonly kept: Uint8Array[] = [];
  private expected: (i: number) => Buffer = () => Buffer.alloc(0);

  constructor(messageBytes: number, lapLimit: number) {
    this.room = messageBytes * (lapLimit + 1);
    this.lengths = new Uint32Array(lapLimit + 1);
  }

  /** Room for a lap, and for messages that are longer than they should be. Made when it is first asked for. */
  get bytes(): Buffer {
    return (this.memory ??= Buffer.allocUnsafeSlow(this.room));
  }

  /** Forgets the lap before, and touches the memory that the next one will need. */
  clear(): void {
    this.memory?.fill(SCRIBBLE);
    this.lengths.fill(0);
    this.kept.length = 0;
    this.looked = false;
    this.count = 0;
    this.end = 0;
    this.differing = -1;
  }

  /** Says what look() is to see. */
  expect(binary: Binary, first: number): void {
    this.expected = (i) => binary.message(first + i);
  }

  /** `count` messages stand in `bytes`, one after the other up to `end`, their lengths in `lengths`. */
  landed(count: number, end: number): void {
    this.count = count;
    this.end = end;
  }

  keep(message: Uint8Array): void {
    this.kept.push(message);
  }

  look(message: Uint8Array): void {
    this.looked = true;
    const i = this.count++;
    this.lengths[i] = message.length;
    if (this.differing < 0 && !this.expected(i).equals(message)) this.differing = i;
  }

  /** What was got; no bytes where they were looked at. */
  settle(): { lengths: Uint32Array; bytes: Uint8Array | undefined } {
    if (this.kept.length > 0) {
      return { lengths: Uint32Array.from(this.kept, (message) => message.byteLength), bytes: Buffer.concat(this.kept) };
    }
    const lengths = this.lengths.subarray(0, this.count);
    return { lengths, bytes: this.looked ? undefined : this.bytes.subarray(0, this.end) };
  }
}
