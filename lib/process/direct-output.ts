/** Standard output that is written when it is said, and not when the event loop comes to it: that may never turn again. */
import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** How often it is looked whether a full pipe has room: the addon, which could wait for that, may not be loaded. */
const LOOK_MS = 1;

export type Write = (chunk: Buffer) => void;

interface Chunk {
  chunk: Buffer | string;
  encoding: BufferEncoding;
}

/** The stream stays Node's, which talks to it as to its own; only what it does with what is written becomes ours. */
export function direct(stream: Writable, write: Write): void {
  const writeChunks = (chunks: Chunk[], done: (error?: Error) => void) => {
    try {
      for (const { chunk, encoding } of chunks) write(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    } catch (error) {
      return done(error as Error);
    }
    done();
  };
  // oxlint-disable eslint/no-underscore-dangle -- Node's names
  stream._write = (chunk: Buffer | string, encoding, done) => writeChunks([{ chunk, encoding }], done);
  stream._writev = writeChunks;
  // oxlint-enable eslint/no-underscore-dangle
}

/** @param awaitRoom waits until there is room: the descriptor may be set to not waiting, here or where it was inherited from */
export function writeAll(fd: number, chunk: Buffer, awaitRoom: (fd: number) => void): void {
  for (let at = 0; at < chunk.length;) {
    try {
      at += writeSync(fd, chunk, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      awaitRoom(fd);
    }
  }
}

/**
 * For a child that is a process. Into files and terminals Node writes at once, into pipes as much as they take; the rest,
 * later, is what process.exit() or a signal would lose.
 */
export function writeAtOnce(name: 'stdout' | 'stderr'): void {
  const fd = name === 'stdout' ? 1 : 2;
  if (isPipe(fd)) direct(process[name], (chunk) => writeAll(fd, chunk, rest));
}

function isPipe(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

function rest(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
}
