/** Which module makes each kind of shareable known: a child loads those of what it was sent, and others when they arrive. */
import { createRequire } from 'node:module';

import { loadKindsBy, shareableKindNamed } from '../serialize/shareables.js';

/** @internal Every kind has its row. */
export const modules: Readonly<Record<string, string>> = {
  Lock: '../sync/lock.js',
  RLock: '../sync/rlock.js',
  Semaphore: '../sync/semaphore.js',
  BoundedSemaphore: '../sync/semaphore.js',
  Event: '../sync/event.js',
  Barrier: '../sync/barrier.js',
  Condition: '../sync/condition.js',
  Value: '../sharedtypes/value.js',
  Array: '../sharedtypes/array.js',
  Memory: '../memory/viewed-memory.js',
  Connection: '../connection/connection.js',
  Queue: '../queue/queue.js',
  JoinableQueue: '../queue/joinable-queue.js',
  SimpleQueue: '../queue/simple-queue.js',
  Descriptor: '../handle/passage.js',
  DupFd: '../handle/dup-fd.js',
  'net.Socket': '../handle/node-kinds.js',
  'net.Server': '../handle/node-kinds.js',
  'dgram.Socket': '../handle/node-kinds.js',
};

/** Imports what is needed to open objects of these kinds, unless the program has done so already. */
export async function importKinds(kinds: readonly string[]): Promise<void> {
  await import('../memory/leave.js');
  for (const kind of kinds) {
    const module = modules[kind];
    if (module !== undefined && shareableKindNamed(kind) === undefined) await import(module);
  }
  // What arrives later, through a queue that was among them, is decoded at once: there is no time for import().
  // (Where the package was bundled into the program, all of it is there.)
  loadKindsBy((kind) => {
    if (Object.hasOwn(modules, kind)) createRequire(import.meta.url)(modules[kind]!);
  });
}
