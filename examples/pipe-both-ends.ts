/** The two ends of a pipe: values there and back, one way only, bytes without a codec, and looking without taking. */
import assert from 'node:assert/strict';

import { BufferTooShort, type Connection, EOFError, isMainProcess, Pipe, Process, StateError } from 'procloom';

export async function sendBack(end: Connection): Promise<void> {
  const shape = await end.recv();
  console.log('the child has', shape);
  await end.send(shape);
  end.close();
}

async function thereAndBack(): Promise<void> {
  const [ours, theirs] = Pipe();
  assert(ours.readable && ours.writable);
  const child = new Process({ target: sendBack, args: [theirs] }).start();
  theirs.close();

  const shape = ['circle', { cx: 5 }, { cy: 3 }, { radius: 5 }];
  await ours.send(shape);
  const back = await ours.recv();
  console.log('main has     ', back);
  assert.deepEqual(back, shape);

  // The child has closed its end, and nobody else holds one: nothing can come any more.
  await assert.rejects(ours.recv(), EOFError);
  assert.equal(await child.join(), 0);
  ours.close();
  assert(ours.closed);
}

async function bytesOneWay(): Promise<void> {
  const [receiver, sender] = Pipe({ duplex: false });
  assert(!receiver.writable && !sender.readable);
  await assert.rejects(receiver.send('back'), StateError);

  // poll() only looks; without a timeout it does not wait.
  assert.equal(await receiver.poll(), false);
  assert.equal(await receiver.poll({ timeout: 20 }), false);

  // A part of the bytes: from byte 6, seven of them.
  await sender.sendBytes(Buffer.from('three steamed buns'), { offset: 6, size: 7 });
  assert.equal(await receiver.poll({ timeout: Infinity }), true);
  assert.equal((await receiver.recvBytes({ maxLength: 7 })).toString(), 'steamed');

  // Into memory that is there already.
  const place = Buffer.from('.'.repeat(10));
  await sender.sendBytes(Buffer.from('buns'));
  assert.equal(await receiver.recvBytesInto(place, { offset: 2 }), 4);
  console.log(place.toString());
  assert.equal(place.toString(), '..buns....');

  // A message that is too long is not lost, and the pipe goes on behind it.
  const long = Buffer.from('more than fits');
  const carriesIt = (error: unknown) => error instanceof BufferTooShort && error.bytes.equals(long);
  await sender.sendBytes(long);
  await assert.rejects(receiver.recvBytes({ maxLength: 4 }), carriesIt);
  await sender.sendBytes(long);
  await assert.rejects(receiver.recvBytesInto(place), carriesIt);
  await sender.send('the last');
  sender.close();
  assert.equal(await receiver.recv(), 'the last');

  // The end is something to be received, too.
  assert.equal(await receiver.poll(), true);
  await assert.rejects(receiver.recvBytes(), EOFError);
  console.log('nothing more comes');
}

if (isMainProcess()) {
  await thereAndBack();
  await bytesOneWay();
}
