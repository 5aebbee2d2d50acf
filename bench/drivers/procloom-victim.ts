/** A process that takes a lock, says so, and never lets go of it: it is there to be killed. */
import type { Lock, Queue } from 'procloom';

export function holdForEver(lock: Lock, told: Queue<number>): void {
  lock.acquireSync();
  told.putSync(process.pid);
  // It idles as programs do, in its event loop.
  setInterval(() => undefined, 1 << 30);
}
