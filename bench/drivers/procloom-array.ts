/**
 * procloom's SharedArray: written in place, handed over by two semaphores, a block of messages at a time.
 *
 *     block:  count, length × SLOTS   as 32-bit words
 *             message message …       as bytes, one after the other
 *
 * `free` counts blocks that the writer may fill, `filled` those that the reader may empty. One hand-over for a whole
 * block is what shared memory makes possible, and what one would do where throughput matters; a round trip hands over
 * a block of one message. The reader copies out what it read, as everyone here does.
 */
import { Semaphore, SharedArray, type Process } from 'procloom';
import type { Landing } from '../verify/landing.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';

const BLOCKS = 4;
/** Messages of one block at most. */
const SLOTS = 1024;
const HEADER_WORDS = 1 + SLOTS;
/** Bytes of messages in one block: eight, but not so few that the hand-over counts, and one of the largest. */
const BLOCK_BYTES = 64 * 1024;
const BLOCK_MESSAGES = 8;
const LARGEST_BLOCK_BYTES = 1024 * 1024;

function blockBytesFor(messageBytes: number): number {
  return Math.min(LARGEST_BLOCK_BYTES, Math.max(BLOCK_BYTES, BLOCK_MESSAGES * messageBytes));
}

interface Blocks {
  bytes: SharedArray<'B'>;
  words: SharedArray<'I'>;
  free: Semaphore;
  filled: Semaphore;
}

function createBlocks(blockBytes: number): Blocks {
  return {
    bytes: new SharedArray('B', BLOCKS * blockBytes, { lock: false }),
    words: new SharedArray('I', BLOCKS * HEADER_WORDS, { lock: false }),
    free: new Semaphore(BLOCKS),
    filled: new Semaphore(0),
  };
}

function closeBlocks({ bytes, words, free, filled }: Blocks): void {
  for (const object of [bytes, words, free, filled]) object.close();
}

class Writer {
  private readonly blocks: Blocks;
  private readonly bytes: Uint8Array;
  private readonly words: Uint32Array;
  private readonly blockBytes: number;
  private block = 0;

  constructor(blocks: Blocks) {
    this.blocks = blocks;
    this.bytes = blocks.bytes.view;
    this.words = blocks.words.view;
    this.blockBytes = this.bytes.length / BLOCKS;
  }

  /** Fills one block with messages from `first` on, as many as fit; returns the first that did not. */
  write(messages: readonly Uint8Array[], first: number): number {
    const { bytes, words, blockBytes } = this;
    this.blocks.free.acquireSync();
    const header = this.block * HEADER_WORDS;
    const start = this.block * blockBytes;
    const end = Math.min(messages.length, first + SLOTS);
    let used = 0;
    let i = first;
    for (; i < end; i++) {
      const message = messages[i];
      if (used + message.length > blockBytes) break;
      bytes.set(message, start + used);
      words[header + 1 + i - first] = message.length;
      used += message.length;
    }
    words[header] = i - first;
    this.blocks.filled.release();
    this.block = (this.block + 1) % BLOCKS;
    return i;
  }
}

class Reader {
  private readonly blocks: Blocks;
  private readonly bytes: Uint8Array;
  private readonly words: Uint32Array;
  private readonly blockBytes: number;
  private block = 0;

  constructor(blocks: Blocks) {
    this.blocks = blocks;
    this.bytes = blocks.bytes.view;
    this.words = blocks.words.view;
    this.blockBytes = this.bytes.length / BLOCKS;
  }

  /** Empties one block into `into` at `offset`, the lengths into `lengths` at `first`; returns how many messages it had. */
  read(into: Uint8Array, offset: number, lengths: Uint32Array, first: number): number {
    const { words } = this;
    this.blocks.filled.acquireSync();
    const header = this.block * HEADER_WORDS;
    const start = this.block * this.blockBytes;
    const count = words[header];
    let used = 0;
    for (let i = 0; i < count; i++) used += lengths[first + i] = words[header + 1 + i];
    into.set(this.bytes.subarray(start, start + used), offset);
    this.blocks.free.release();
    this.block = (this.block + 1) % BLOCKS;
    return count;
  }
}

function sum(lengths: Uint32Array, start: number, end: number): number {
  let total = 0;
  for (let i = start; i < end; i++) total += lengths[i];
  return total;
}

class ArrayHost implements Host {
  private readonly there: Blocks;
  private readonly back: Blocks;
  private readonly child: Process;

  constructor(context: Context) {
    const { job } = context;
    this.there = createBlocks('messageBytes' in job ? blockBytesFor(job.messageBytes) : BLOCK_BYTES);
    this.back = createBlocks(BLOCK_BYTES);
    this.child = startPeer(context, this.there, this.back);
  }

  sendBytes(messages: readonly Buffer[]): void {
    const writer = (this.writer ??= new Writer(this.there));
    for (let i = 0; i < messages.length;) i = writer.write(messages, i);
  }

  ping(messages: readonly Buffer[], samples: Float64Array, landing: Landing): void {
    const writer = (this.writer ??= new Writer(this.there));
    const reader = (this.reader ??= new Reader(this.back));
    const one: Buffer[] = [messages[0]];
    let end = 0;
    let before = performance.now();
    for (let i = 0; i < messages.length; i++) {
      one[0] = messages[i];
      writer.write(one, 0);
      reader.read(landing.bytes, end, landing.lengths, i);
      const now = performance.now();
      samples[i] = (now - before) * 1e6;
      before = now;
      end += landing.lengths[i];
    }
    landing.landed(messages.length, end);
  }

  async close(): Promise<void> {
    await joinPeer(this.child);
    closeBlocks(this.there);
    closeBlocks(this.back);
  }

  private writer: Writer | undefined;
  private reader: Reader | undefined;
}

class ArrayPeer implements Peer {
  private readonly there: Blocks;
  private readonly back: Blocks;
  private readonly reader: Reader;

  constructor(there: Blocks, back: Blocks) {
    this.there = there;
    this.back = back;
    this.reader = new Reader(there);
  }

  async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    await ready();
    const { bytes, lengths } = landing;
    let end = 0;
    let i = 0;
    while (i < count) {
      const got = this.reader.read(bytes, end, lengths, i);
      end += sum(lengths, i, i + got);
      i += got;
    }
    landing.landed(i, end);
  }

  async echo(count: number, ready: Ready): Promise<void> {
    await ready();
    const writer = (this.writer ??= new Writer(this.back));
    const lengths = new Uint32Array(1);
    const scratch = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    const one: Uint8Array[] = [scratch];
    for (let i = 0; i < count; i++) {
      this.reader.read(scratch, 0, lengths, 0);
      one[0] = scratch.subarray(0, lengths[0]);
      writer.write(one, 0);
    }
  }

  extra(): number {
    return this.there.filled.getValue();
  }

  close(): void {
    closeBlocks(this.there);
    closeBlocks(this.back);
  }

  private writer: Writer | undefined;
}

export default {
  host: (context) => new ArrayHost(context),
  peer: (_context, there: Blocks, back: Blocks) => new ArrayPeer(there, back),
} satisfies Driver;
