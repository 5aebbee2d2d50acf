/** One sender, three receivers, a small queue, verbs that do not wait: yet nothing is lost, and no receiver goes too early. */
import assert from 'node:assert/strict';

import { currentProcess, Empty, Full, isMainProcess, Process, Queue, ShutDown, wait } from 'procloom';

interface Message {
  id: number;
  content: (number | string | null)[];
}
interface Received {
  by: string;
  id: number;
}

export async function send(queue: Queue<Message>, howMany: number): Promise<void> {
  for (let id = 0; id < howMany; id++) {
    const message = { id, content: [1, null, 'Good'] };
    try {
      queue.putNowait(message);
    } catch (error) {
      // It did not go in. Who only goes on here loses it.
      if (!(error instanceof Full)) throw error;
      await queue.put(message);
    }
  }
  queue.shutdown();
}

/** `for await (const message of queue)` does the same; these are its parts. */
export async function receive(queue: Queue<Message>, received: Queue<Received>): Promise<void> {
  const by = currentProcess().name;
  for (;;) {
    try {
      const { id, content } = queue.getNowait();
      assert.deepEqual(content, [1, null, 'Good']);
      received.putNowait({ by, id });
    } catch (error) {
      if (error instanceof ShutDown) return;
      if (!(error instanceof Empty)) throw error;
      // A queue that is empty (or whose qsize() is 0) is not at its end: the sender may be slow.
      await wait([queue]);
    }
  }
}

if (isMainProcess()) {
  const queue = new Queue<Message>(5);
  const received = new Queue<Received>();
  const receivers = ['Ada', 'Grace', 'Edsger'].map((name) =>
    new Process({ target: receive, args: [queue, received], name }).start(),
  );
  const sender = new Process({ target: send, args: [queue, 200] }).start();
  for (const child of [sender, ...receivers]) assert.equal(await child.join(), 0);

  // Each receiver has what it got in the order in which it was sent.
  const ids = new Map(receivers.map(({ name }) => [name, [] as number[]]));
  while (!received.empty()) {
    const { by, id } = received.getNowait();
    ids.get(by)!.push(id);
  }
  for (const own of ids.values())
    assert.deepEqual(
      own,
      own.toSorted((a, b) => a - b),
    );
  const all = [...ids.values()].flat();
  assert.equal(all.length, 200);
  assert.equal(new Set(all).size, 200);
  console.log([...ids].map(([name, own]) => `${name} has ${own.length}`).join(', '), 'of 200 messages');
}
