/**
 * Where the output of a thread goes. Node's own way is through the event loop of the thread that started it: nothing would
 * come out while that one blocks, and what a thread wrote last would be lost when it is terminated.
 */
import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

import type { Native } from '../../addon/native.js';
import type { Output } from './thread-words.js';

type Write = (chunk: Buffer) => void;

/** To be called before anything is written. */
export function directOutput(output: Output, native: Native): void {
  if (output === 'parent') return;
  direct(process.stdout, writeTo(output, 1, 'stdout', native));
  direct(process.stderr, writeTo(output, 2, 'stderr', native));
}

function writeTo(output: Exclude<Output, 'parent'>, fd: number, name: 'stdout' | 'stderr', native: Native): Write {
  if (output === 'descriptors') return (chunk) => writeAll(fd, chunk, native);
  return output === 'nowhere' ? () => {} : (chunk) => post(output[name], chunk);
}

/** The stream stays Node's, which talks to it as to its own; only what it does with what is written becomes ours. */
function direct(stream: Writable, write: Write): void {
  // oxlint-disable-next-line eslint/no-underscore-dangle -- Node's name for it
  stream._writev = (chunks, done) => {
    try {
      for (const { chunk, encoding } of chunks as { chunk: Buffer | string; encoding: BufferEncoding }[]) {
        write(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
      }
    } catch (error) {
      return done(error as Error);
    }
    done();
  };
}

function post(port: MessagePort, chunk: Buffer): void {
  // A copy: what is posted takes its whole buffer along, which may be one that others have parts of.
  port.postMessage(new Uint8Array(chunk));
}

/** The process may have set the descriptor to not waiting. */
function writeAll(fd: number, chunk: Buffer, native: Native): void {
  for (let at = 0; at < chunk.length;) {
    try {
      at += writeSync(fd, chunk, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      native.awaitWritable(fd);
    }
  }
}
