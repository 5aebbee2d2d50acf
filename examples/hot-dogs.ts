/** Three shops make hot dogs, two guests eat them, and main goes when all are eaten: the guests, who would eat for ever, go with it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { currentProcess, isMainProcess, JoinableQueue, Process, StateError, Value } from 'procloom';

interface HotDog {
  shop: string;
  number: number;
}

export async function make(counter: JoinableQueue<HotDog>): Promise<void> {
  const shop = currentProcess().name;
  for (let number = 1; number <= 3; number++) {
    await sleep(5);
    console.log(`${shop} makes hot dog ${number}`);
    await counter.put({ shop, number });
  }
}

export async function eat(counter: JoinableQueue<HotDog>, eaten: Value<'i'>): Promise<void> {
  const guest = currentProcess().name;
  for await (const { shop, number } of counter) {
    await sleep(10);
    console.log(`${guest} has eaten hot dog ${number} of ${shop}`);
    eaten.add(1);
    // It was taken long ago; only now it is done.
    counter.taskDone();
  }
}

if (isMainProcess()) {
  const counter = new JoinableQueue<HotDog>(4);
  const eaten = new Value('i', 0, { lock: false });
  const shops = ['the first shop', 'the second shop', 'the third shop'].map((name) =>
    new Process({ target: make, args: [counter], name }).start(),
  );
  const guests = ['Sicong', 'Li Zhe'].map((name) =>
    new Process({ target: eat, args: [counter, eaten], name, daemon: true }).start(),
  );

  // First the shops, so that nothing more comes; then what they made.
  for (const shop of shops) assert.equal(await shop.join(), 0);
  await counter.join();
  assert.equal(eaten.value, 9);
  assert(counter.empty());
  // More cannot be done than was taken.
  assert.throws(() => counter.taskDone(), StateError);

  // Daemons neither keep main, nor outlive it.
  assert(guests.every((guest) => guest.isAlive()));
  console.log(`main goes, all ${eaten.value} are eaten`);
}
