/** SimpleQueue: the least that is a queue. */
import { registerShareable } from '../serialize/shareables.js';
import { ItemQueue, OpenedQueue, openOrCreateQueue, type QueueOptions } from './item-queue.js';

/**
 * A queue with put, get and empty only. Without `capacity` it grows as shared memory allows.
 *
 * Python: `multiprocessing.SimpleQueue`, a pipe with locks, where put() blocks when the pipe is full (64 KiB).
 */
export class SimpleQueue<T = unknown> extends ItemQueue<T> {
  constructor(options?: QueueOptions) {
    const opened = (options as unknown) instanceof OpenedQueue ? (options as unknown as OpenedQueue) : undefined;
    super(openOrCreateQueue('SIMPLE_QUEUE', opened ?? 0, opened === undefined ? options : undefined));
  }
}

registerShareable(SimpleQueue, {
  kind: 'SimpleQueue',
  describe: (queue: SimpleQueue) => queue.reference(),
  revive: (reference: string) => new SimpleQueue(new OpenedQueue(reference) as unknown as QueueOptions),
});
