/**
 * Standard output of a child that is written when it is said, and not when an event loop comes to it.
 *
 * A process: into files and terminals Node writes at once, into pipes as much as they take; the rest, later, is what
 * process.exit() or a signal would lose.
 *
 * A thread: Node's own way is through the event loop of the thread that started it. Nothing would come out while that one
 * blocks, and what a thread wrote last would be lost when it is terminated.
 */
import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

import type { Native } from '../../addon/native.js';
import type { Output } from './thread-words.js';

/** How often it is looked whether a full pipe has room, in a process: the addon, which can wait for that, may not be loaded. */
const LOOK_MS = 1;

type Write = (chunk: Buffer) => void;

/** Of a process. From the first time on that somebody prints: who does not is spared the making of the stream. */
export function writeOutputAtOnce(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const own = Object.getOwnPropertyDescriptor(process, name)!;
    const get = () => {
      Object.defineProperty(process, name, own);
      writeAtOnce(name);
      return process[name];
    };
    Object.defineProperty(process, name, { ...own, get });
  }
}

function writeAtOnce(name: 'stdout' | 'stderr'): void {
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

/** Of a thread; to be called before anything is written. */
export function directOutput(output: Output, native: Native): void {
  if (output === 'parent') return;
  direct(process.stdout, writeTo(output, 1, 'stdout', native));
  direct(process.stderr, writeTo(output, 2, 'stderr', native));
}

function writeTo(output: Exclude<Output, 'parent'>, fd: number, name: 'stdout' | 'stderr', native: Native): Write {
  if (output === 'descriptors') return (chunk) => writeAll(fd, chunk, () => void native.awaitWritable(fd));
  return output === 'nowhere' ? () => {} : (chunk) => post(output[name], chunk);
}

function post(port: MessagePort, chunk: Buffer): void {
  // A copy: what is posted takes its whole buffer along, which may be one that others have parts of.
  port.postMessage(new Uint8Array(chunk));
}

interface Chunk {
  chunk: Buffer | string;
  encoding: BufferEncoding;
}

/** The stream stays Node's, which talks to it as to its own; only what it does with what is written becomes ours. */
function direct(stream: Writable, write: Write): void {
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

/** The descriptor may be set to not waiting, here or where it was inherited from. */
function writeAll(fd: number, chunk: Buffer, awaitRoom: () => void): void {
  for (let at = 0; at < chunk.length;) {
    try {
      at += writeSync(fd, chunk, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      awaitRoom();
    }
  }
}
