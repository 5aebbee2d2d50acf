/** The parent of this child: whether it is there, and waiting for its end. */
import { setTimeout as sleep } from 'node:timers/promises';

import { ownIdentity } from './identity.js';

/** How often it is looked: the system tells children nothing of their parents. */
const LOOK_MS = 20;

/** A process whose parent is dead belongs to another one. A thread does not outlive the one that started it. */
export function isParent(pid: number): boolean {
  return ownIdentity().thread !== undefined || process.ppid === pid;
}

export async function parentEnded(pid: number, ref: boolean, stop?: AbortSignal): Promise<void> {
  while (isParent(pid) && stop?.aborted !== true) await sleep(LOOK_MS, undefined, { ref });
}

/** Blocks this thread; false when the timeout passed first. */
export function parentEndedSync(pid: number, timeoutMs: number): boolean {
  const deadline = timeoutMs < 0 ? Infinity : performance.now() + timeoutMs;
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (isParent(pid)) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    Atomics.wait(nothing, 0, 0, Math.min(left, LOOK_MS));
  }
  return true;
}
