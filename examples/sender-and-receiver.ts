/** Two processes that have names, and a queue between them: one sends at its own pace, the other waits for what comes. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { currentProcess, isMainProcess, Process, Queue } from 'procloom';

const messages = ['hello', [1, null, 'Good'], { nested: { as: ['deep', 'as', 'you', 'like'] } }, 42n, 'goodbye'];

export async function send(queue: Queue): Promise<void> {
  for (const message of messages) {
    await queue.put(message);
    await sleep(20);
  }
  // Tells the receiver that there is nothing more to wait for: without it, it would wait for ever.
  queue.shutdown();
}

export async function receive(queue: Queue): Promise<void> {
  const received = [];
  for await (const message of queue) {
    console.log(`${currentProcess().name}:`, message);
    received.push(message);
  }
  assert.deepEqual(received, messages);
}

if (isMainProcess()) {
  const args: [Queue] = [new Queue()];
  const sender = new Process({ target: send, args, name: 'sendData' }).start();
  const receiver = new Process({ target: receive, args, name: 'receiveData' }).start();
  // Main would wait for both anyway, as they are no daemons; join() tells how they ended.
  for (const child of [sender, receiver]) {
    console.log(`${child.name} ended with ${await child.join()}`);
    assert.equal(child.exitcode, 0);
  }
}
