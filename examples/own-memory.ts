/** A process has memory of its own: what it assigns, nobody else sees, unless it is in shared memory. */
import assert from 'node:assert/strict';

import { isMainProcess, Process, Value } from 'procloom';

let x = 100;

export function setToZero(shared: Value<'i'>): void {
  // Not 7: the child has loaded this module anew, and what the parent did with its own x since is unknown here.
  assert.equal(x, 100);
  x = 0;
  shared.value = x;
  console.log(`in the child x is ${x}`);
}

if (isMainProcess()) {
  const shared = new Value('i', 100);
  const one = new Process({ target: setToZero, args: [shared] }).start();
  assert.equal(await one.join(), 0);
  console.log(`in the parent x is still ${x}, and the shared one is ${shared.value}`);
  assert.equal(x, 100);
  assert.equal(shared.value, 0);

  x = 7;
  const another = new Process({ target: setToZero, args: [shared] }).start();
  assert.equal(await another.join(), 0);
  assert.equal(x, 7);
}
