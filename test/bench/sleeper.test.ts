// A waker waits until the waiter sleeps, and notices when it never will.
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

import { Sleeper } from '../../bench/drivers/sleeper.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';

const program = fileURLToPath(new URL('../fixtures/bench/late-sleeper.mjs', import.meta.url));

it('a waiter that announced its wait is woken only when it sleeps', async () => {
  using round = new SharedArray('i', 1, { lock: false });
  using slept = new SharedArray('i', 1, { lock: false });
  using told = new Queue<string>();
  const target = { module: program, export: 'sleepLate' };
  const child = new Process({ target, args: [round, slept, told] }).start();
  const sleeper = new Sleeper(child.pid as number, round.view);
  sleeper.awaitSleep();
  expect(slept.view[0]).toBe(1);
  told.putSync('wake up');
  // It has announced no second wait, and ends.
  expect(() => sleeper.awaitSleep()).toThrow('the process that was to be woken has ended');
  sleeper.close();
  expect(await child.join()).toBe(0);
});
