/** A process is killed while it holds a lock: the next one gets the lock, and is told. */
import { isMainProcess, Lock, OwnerDiedError, Process } from 'procloom';

export function dieHolding(lock: Lock): void {
  lock.acquireSync();
  process.kill(process.pid, 'SIGKILL');
}

if (isMainProcess()) {
  const lock = new Lock();
  console.log(`the owner ended with ${await new Process({ target: dieHolding, args: [lock] }).start().join()}`);
  await lock.acquire();
  console.log(`acquired; abandoned: ${lock.abandoned}`);
  lock.release();
  await lock.acquire();
  console.log(`acquired again; abandoned: ${lock.abandoned}`);
  lock.release();

  // The strict way: an error that cannot be overlooked. It says that the lock is held now, to mend what it guards.
  const strict = new Lock({ onOwnerDeath: 'throw' });
  await new Process({ target: dieHolding, args: [strict] }).start().join();
  try {
    await strict.acquire();
    throw new Error('nobody said that the owner died');
  } catch (error) {
    if (!(error instanceof OwnerDiedError)) throw error;
    console.log(error.code);
    strict.release();
  }
}
