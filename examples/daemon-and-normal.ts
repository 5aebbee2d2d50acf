/** The emperor ends: his daemon ends with him, whatever it was about to do; his other child is waited for. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { isMainProcess, Process, ProcessError, Queue, StateError, Value } from 'procloom';

let counted = 0;

export async function countForEver(told: Queue<string>, shared: Value<'i'>): Promise<void> {
  assert.throws(() => new Process().start(), ProcessError); // Daemons have no children: who would end those?
  await told.put('the daemon lives');
  for (;;) {
    await sleep(2);
    shared.value = ++counted;
  }
}

export async function finish(told: Queue<string>): Promise<void> {
  await sleep(50);
  assert.equal(counted, 0); // That is the daemon's own.
  await told.put('the normal child has finished');
}

export async function reign(told: Queue<string>, shared: Value<'i'>): Promise<void> {
  const daemon = new Process({ target: countForEver, args: [told, shared], daemon: true }).start();
  assert.throws(() => (daemon.daemon = false), StateError); // It is said before the start, or never.
  while (shared.value === 0) await sleep(5);
  new Process({ target: finish, args: [told] }).start();
  await told.put('the emperor ends');
  // Nobody joins: a process that has nothing more to do waits for its children, but for its daemons.
}

if (isMainProcess()) {
  const told = new Queue<string>();
  const shared = new Value('i', 0);
  assert.equal(await new Process({ target: reign, args: [told, shared] }).start().join(), 0);

  const lines = Array.from({ length: told.qsize() }, () => told.getNowait());
  console.log(lines);
  assert.deepEqual(lines, ['the daemon lives', 'the emperor ends', 'the normal child has finished']);
  const last = shared.value;
  await sleep(30);
  assert.equal(shared.value, last);
  console.log(`the daemon came to ${last}, and no further`);
}
