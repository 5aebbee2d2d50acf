/**
 * Where the output of a thread goes. Node's own way is through the event loop of the thread that started it: nothing would
 * come out while that one blocks, and what a thread wrote last would be lost when it is terminated.
 */
import type { MessagePort } from 'node:worker_threads';

import { native } from '../../addon/loader.js';
import { direct, type Write, writeAll } from '../direct-output.js';
import type { Output } from './thread-words.js';

/** To be called before anything is written. */
export function directOutput(output: Output): void {
  if (output === 'parent') return;
  direct(process.stdout, writeTo(output, 1, 'stdout'));
  direct(process.stderr, writeTo(output, 2, 'stderr'));
}

function writeTo(output: Exclude<Output, 'parent'>, fd: number, name: 'stdout' | 'stderr'): Write {
  if (output === 'descriptors') return (chunk) => writeAll(fd, chunk, (full) => void native.awaitWritable(full));
  return output === 'nowhere' ? () => {} : (chunk) => post(output[name], chunk);
}

function post(port: MessagePort, chunk: Buffer): void {
  // A copy: what is posted takes its whole buffer along, which may be one that others have parts of.
  port.postMessage(new Uint8Array(chunk));
}
