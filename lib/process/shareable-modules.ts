/** Which module makes each kind of shareable known: a child loads those of what it was sent. */
import { shareableKindNamed } from '../serialize/shareables.js';

const handles = () => import('../handle/handles.js');

/** @internal Every kind has its row. */
export const modules: Readonly<Record<string, () => Promise<unknown>>> = {
  Lock: () => import('../sync/lock.js'),
  RLock: () => import('../sync/rlock.js'),
  Semaphore: () => import('../sync/semaphore.js'),
  BoundedSemaphore: () => import('../sync/semaphore.js'),
  Event: () => import('../sync/event.js'),
  Barrier: () => import('../sync/barrier.js'),
  Condition: () => import('../sync/condition.js'),
  Value: () => import('../sharedtypes/value.js'),
  Array: () => import('../sharedtypes/array.js'),
  Connection: () => import('../connection/connection.js'),
  Queue: () => import('../queue/queue.js'),
  JoinableQueue: () => import('../queue/joinable-queue.js'),
  SimpleQueue: () => import('../queue/simple-queue.js'),
  Descriptor: handles,
  DupFd: handles,
  'net.Socket': handles,
  'net.Server': handles,
  'dgram.Socket': handles,
};

/** Imports what is needed to open objects of these kinds, unless the program has done so already. */
export async function importKinds(kinds: readonly string[]): Promise<void> {
  await import('../memory/leave.js');
  for (const kind of kinds) if (shareableKindNamed(kind) === undefined) await modules[kind]?.();
}
