// A condition under test: another handle of it, and waits that are known to wait.
import { Queue } from '../../lib/queue/queue.js';
import type { Condition } from '../../lib/sync/condition.js';

/** The same condition as another handle of this thread, with the same lock. */
export function again(condition: Condition): Condition {
  using queue = new Queue<Condition>();
  queue.putSync(condition);
  return queue.getSync();
}

/** Waits, and has let go of the lock when this resolves; with what the wait gives, in an array as it is a promise. */
export async function waiting(condition: Condition, options?: object): Promise<[Promise<boolean>]> {
  await condition.acquire();
  return [condition.wait(options).finally(() => condition.lock.release())];
}
