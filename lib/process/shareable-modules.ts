/** Which modules make shareables known: those below this room, loaded only for a child that is sent some. */
import { shareableKindNamed } from '../serialize/shareables.js';

/** Imports what is needed to open objects of these kinds, unless the program has done so already. */
export async function importKinds(kinds: readonly string[]): Promise<void> {
  if (kinds.every((kind) => shareableKindNamed(kind) !== undefined)) return;
  await Promise.all([
    import('../sync/lock.js'),
    import('../sync/rlock.js'),
    import('../sync/semaphore.js'),
    import('../sharedtypes/value.js'),
    import('../sharedtypes/array.js'),
    import('../connection/connection.js'),
    import('../queue/queue.js'),
  ]);
}
