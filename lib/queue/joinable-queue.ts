/** JoinableQueue: a queue that knows when all its items are done. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_JOIN } from '../addon/native.js';
import { orThrow, OVERFLOW, statusError, TIMEOUT } from '../addon/status-error.js';
import { checkBoolean, checkOptions } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { registerShareable } from '../serialize/shareables.js';
import { MUST_WAIT, type SyncWaitOptions, syncTimeout, type WaitOptions, waitOnLoop } from '../sync/loop-waits.js';
import { OpenedQueue, openOrCreateQueue, type QueueOptions } from './item-queue.js';
import { Queue } from './queue.js';

/** How a queue is bounded and found, and what becomes of the items of dead consumers. */
export interface JoinableQueueOptions extends QueueOptions {
  /**
   * What a consumer (a process, or a thread of one) had in hand counts as done when it ends without taskDone(), however
   * it ended. The work is lost: for items that need not be done twice. Of a named queue the first one's choice holds.
   */
  ackOnDeath?: boolean;
}

/**
 * A queue whose items are unfinished from put() until taskDone() was called for each: join() waits until none is.
 *
 * A consumer that is killed with an unfinished item leaves join() waiting for it, as in Python: whoever finds the death
 * (Process.exitcode) calls taskDone() in its place, or puts the item again. With `ackOnDeath` it counts as done. What shutdown({ immediate: true }) dropped
 * is not waited for, what consumers have in hand is.
 *
 * Python: `multiprocessing.JoinableQueue`.
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  constructor(maxsize: number = 0, options?: JoinableQueueOptions) {
    super(maxsize, options);
  }

  /** @internal */
  protected override open(maxsize: number | OpenedQueue, options: JoinableQueueOptions | undefined): Handle {
    const ackOnDeath = checkBoolean('ackOnDeath', checkOptions(options)?.ackOnDeath ?? false);
    return openOrCreateQueue('JOINABLE_QUEUE', maxsize, options, ackOnDeath);
  }

  /** One of the items that were got is done. Called more often than items were got: StateError. */
  taskDone(): void {
    const status = native.taskDone(this.handle);
    if (status === 0) return;
    if (status !== OVERFLOW) throw statusError(status, 'queue.taskDone()');
    throw createError('ERR_PROCLOOM_STATE', 'queue.taskDone()', {
      why: 'all items that were got are done already',
      remedy: 'Call it once for each item that get() gave.',
    });
  }

  /** Resolves true when no item is unfinished, or none was at some moment since the call; false when the timeout passed. */
  join(options?: WaitOptions): Promise<boolean> {
    const begun = native.tasksState(this.handle);
    const over = () => orThrow(begun < 0 ? begun : native.tasksOver(this.handle, begun), 'queue.join()') === 1;
    return waitOnLoop<boolean>(
      {
        owner: this,
        point: POINT_JOIN,
        asked: 'queue.join()',
        attempt: () => over() || MUST_WAIT,
        timedOut: over,
        tellsAll: true,
      },
      options,
    );
  }

  joinSync(options?: SyncWaitOptions): boolean {
    const status = native.tasksJoin(this.handle, syncTimeout(options));
    if (status === 0) return true;
    if (status === TIMEOUT) return false;
    throw statusError(status, 'queue.joinSync()');
  }
}

registerShareable(JoinableQueue, {
  kind: 'JoinableQueue',
  describe: (queue: JoinableQueue) => queue.reference(),
  revive: (reference: string) => new JoinableQueue(new OpenedQueue(reference) as unknown as number),
});
