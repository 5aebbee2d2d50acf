/** A producer and a consumer over a pipe that goes one way: the consumer learns by EOFError that nobody is left who could send. */
import assert from 'node:assert/strict';

import { type Connection, EOFError, isMainProcess, Pipe, Process, Value } from 'procloom';

type Ends = [receiver: Connection, sender: Connection];

export async function produce([receiver, sender]: Ends, sum: Value<'i'>): Promise<void> {
  receiver.close();
  for (let i = 0; i < 10; i++) {
    const number = Math.floor(Math.random() * 100);
    sum.add(number);
    await sender.send(number);
  }
  sender.close();
}

export async function consume([receiver, sender]: Ends, sum: Value<'i'>): Promise<void> {
  // It was given both ends. While it held this one it would be a sender itself, and wait for itself for ever.
  sender.close();
  for (let count = 0; ; count++) {
    try {
      sum.add(await receiver.recv<number>());
    } catch (error) {
      if (!(error instanceof EOFError)) throw error;
      assert.equal(count, 10);
      console.log(`the producer is gone after ${count} numbers`);
      return;
    }
  }
}

if (isMainProcess()) {
  const ends = Pipe({ duplex: false });
  const produced = new Value('i', 0, { lock: false });
  const consumed = new Value('i', 0, { lock: false });
  const children = [
    new Process({ target: produce, args: [ends, produced] }).start(),
    new Process({ target: consume, args: [ends, consumed] }).start(),
  ];
  // Main uses neither.
  for (const end of ends) end.close();

  for (const child of children) assert.equal(await child.join(), 0);
  assert.equal(consumed.value, produced.value);
  console.log('what came out is what went in');
}
