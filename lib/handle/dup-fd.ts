/** Plain descriptors. */

import { native } from '../addon/loader.js';
import { checkInteger } from '../errors/arguments.js';
import { registerShareable } from '../serialize/shareables.js';
import { Passage } from './passage.js';

/**
 * A descriptor that travels: a file, a pipe, a terminal, whatever `fd` is open on. It arrives as a DupFd whose `fd` is a
 * duplicate, open over there: with the same position, and the receiver's to close. The sender keeps its own, and may close
 * it as soon as it was sent.
 *
 * ```js
 * await queue.put(new DupFd(file));        // file: a FileHandle, or whatever else has an `fd`; or a number
 * const { fd } = await queue.get();        // over there: fs.readSync(fd, …), createReadStream('', { fd }), …
 * ```
 *
 * An argument of a Process may be written `{ fd }`. In messages an object `{ fd }` is data, and stays so: who puts into a
 * queue what came from elsewhere as JSON must not thereby hand out descriptors. Python: `multiprocessing.reduction.DupFd`.
 */
export class DupFd {
  readonly fd: number;

  constructor(of: number | { readonly fd: number }) {
    this.fd = checkInteger('fd', typeof of === 'object' && of !== null ? of.fd : of, 0);
  }

  /** The number: Python's name for `fd`. */
  detach(): number {
    return this.fd;
  }

  /** Closes the descriptor, like fs.closeSync(fd), which in a worker warns of descriptors that it has not opened itself. */
  close(): void {
    native.descriptorClose(this.fd);
  }
}

/** An argument of a process: `{ fd }`, with nothing beside it, is that descriptor. */
export function orDescriptor(argument: unknown): unknown {
  if (typeof argument !== 'object' || argument === null || Object.getPrototypeOf(argument) !== Object.prototype) {
    return argument;
  }
  const { fd } = argument as { fd?: unknown };
  const isOne = Number.isInteger(fd) && (fd as number) >= 0 && Object.keys(argument).length === 1;
  return isOne ? new DupFd(fd as number) : argument;
}

registerShareable(DupFd, {
  kind: 'DupFd',
  composed: true,
  describe: ({ fd }: DupFd) => Passage.leave(fd, `descriptor ${fd}`),
  revive: (passage: Passage) =>
    passage.into(
      (fd) => new DupFd(fd),
      (arrived) => arrived.close(),
    ),
});
