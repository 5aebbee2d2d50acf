/** Ending a child from outside: it is not over when terminate() returns, but when join() does. */
import assert from 'node:assert/strict';

import { Event, isMainProcess, Process } from 'procloom';

export async function sleepLong(awake: Event): Promise<void> {
  awake.set();
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}

export function spin(awake: Event): void {
  awake.set();
  for (;;);
}

export function nothing(): void {}

if (isMainProcess()) {
  const awake = new Event();
  const child = new Process({ target: sleepLong, args: [awake] }).start();
  await awake.wait();
  assert.equal(child.isAlive(), true);
  assert.equal(child.exitcode, null);
  child.terminate();
  // The signal is on its way: this may still be true.
  console.log('right after terminate():', child.isAlive());
  // First terminate(), then join(): the other way round this would wait for a minute.
  assert.equal(await child.join(), -15);
  console.log('after join():', child.isAlive(), child.exitcode);
  assert.equal(child.isAlive(), false);

  // An endless loop hears nothing, and ends all the same.
  const busy: [keyof Process & ('terminate' | 'kill' | 'interrupt'), number][] = [
    ['terminate', -15],
    ['kill', -9],
    ['interrupt', -2],
  ];
  for (const [verb, exitcode] of busy) {
    awake.clear();
    const spinning = new Process({ target: spin, args: [awake] }).start();
    await awake.wait();
    assert.equal(spinning.joinSync({ timeout: 10 }), null);
    spinning[verb]();
    assert.equal(spinning.joinSync(), exitcode);
    console.log(`${verb}() ended an endless loop: ${exitcode}`);
  }

  // One that has ended by itself cannot be ended once more, and nothing happens.
  const short = new Process({ target: nothing }).start();
  assert.equal(short.isAlive(), true);
  assert.equal(await short.join(), 0);
  assert.equal(short.isAlive(), false);
  short.terminate();
  assert.equal(short.exitcode, 0);
}
