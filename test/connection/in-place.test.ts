// Messages written and read in place: what arrives, who waits meanwhile, and every bad moment.
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import {
  BrokenPipeError,
  ClosedError,
  EOFError,
  SegmentError,
  StateError,
  TimeoutError,
} from '../../lib/errors/errors.js';
import type { Reservation } from '../../lib/connection/in-place.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { expectFailure, expectInvalid } from '../memory/failures.js';

const program = fileURLToPath(new URL('../fixtures/connection/in-place.mjs', import.meta.url));
const start = (job: string, ...args: unknown[]) =>
  new Process({ target: { module: program, export: job }, args }).start();

const pipe = (capacity?: number) => Pipe({ duplex: false, ...(capacity !== undefined && { capacity }) });

async function collected(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await sleep(1);
    globalThis.gc!();
  }
}

describe('reserve', () => {
  test('what is committed is the next message: all of it, or its first bytes', async () => {
    const [receiver, sender] = pipe();
    const first = sender.reserveSync(5);
    expect(first.bytes.length).toBe(5);
    first.bytes.set(Buffer.from('first'));
    expect(receiver.pollSync()).toBe(false);
    first.commit();
    expect(first.bytes.length).toBe(0); // detached
    const second = await sender.reserve(100);
    second.bytes.set(Buffer.from('second and more'));
    second.commit(6);
    sender.reserveSync(0).commit();
    expect([receiver.recvBytesSync(), receiver.recvSync(), receiver.recvBytesSync()].map(String)).toEqual([
      'first',
      'second',
      '',
    ]);
    receiver.close();
    sender.close();
  });

  test('of many megabytes, far beyond the ring', () => {
    const [receiver, sender] = pipe();
    for (const size of [1 << 20, 40_000_000, 10]) {
      const place = sender.reserveSync(size);
      place.bytes.fill(size % 251);
      place.commit();
      const bytes = receiver.recvBytesSync();
      expect(bytes.length).toBe(size);
      expect(bytes.every((byte) => byte === size % 251)).toBe(true);
    }
    receiver.close();
    sender.close();
  });

  test('what is let go sends nothing', () => {
    const [receiver, sender] = pipe();
    {
      using place = sender.reserveSync(3);
      place.bytes.fill(1);
    }
    sender.sendBytesSync(Buffer.from('next'));
    expect(String(receiver.recvBytesSync())).toBe('next');
    receiver.close();
    sender.close();
  });

  test('other sends of this thread wait, or are refused where they would block it', async () => {
    const [receiver, sender] = pipe();
    const place = sender.reserveSync(5);
    await expectFailure(() => sender.sendBytesSync(Buffer.from('x')), StateError, 'ERR_PROCLOOM_RESERVED');
    await expectFailure(() => sender.reserveSync(1), StateError, 'ERR_PROCLOOM_RESERVED');
    expect(() => sender.sendSync('x', { timeout: 0 })).toThrow(TimeoutError);
    await expect(sender.send('x', { timeout: 1 })).rejects.toThrow(TimeoutError);
    const sending = [sender.send('after'), sender.reserve(4).then((next) => next.commit())];
    place.bytes.set(Buffer.from('first'));
    place.commit();
    await Promise.all(sending);
    expect(String(receiver.recvSync())).toBe('first');
    expect(receiver.recvSync()).toBe('after');
    expect(receiver.recvBytesSync().length).toBe(4);
    receiver.close();
    sender.close();
  });

  test('again, and beyond its size, is refused', async () => {
    const [receiver, sender] = pipe();
    const place = sender.reserveSync(5);
    await expectInvalid(() => place.commit(6), RangeError, /size/);
    await expectInvalid(() => place.commit(-1), RangeError, /size/);
    place.commit(1);
    expect(() => place.commit()).toThrow(StateError);
    place[Symbol.dispose]();
    expect(receiver.recvBytesSync().length).toBe(1);
    await expectInvalid(() => sender.reserveSync(-1), RangeError, /size/);
    await expectInvalid(() => sender.reserve('5' as never), TypeError, /size/);
    await expect(sender.reserve(2 ** 37)).rejects.toThrow(SegmentError);
    expect(() => receiver.reserveSync(1)).toThrow(StateError);
    sender.sendSync('still well');
    expect(receiver.recvSync()).toBe('still well');
    receiver.close();
    sender.close();
  });

  test('waits for room, with its timeout', async () => {
    const [receiver, sender] = pipe(1000);
    sender.sendBytesSync(Buffer.alloc(900));
    expect(() => sender.reserveSync(900, { timeout: 1 })).toThrow(TimeoutError);
    await expect(sender.reserve(900, { timeout: 1 })).rejects.toThrow(TimeoutError);
    const waiting = sender.reserve(900);
    receiver.recvBytesSync();
    (await waiting).commit();
    expect(receiver.recvBytesSync().length).toBe(900);
    receiver.close();
    sender.close();
  });

  test('close() lets it go; a receiver that is gone breaks it', async () => {
    const [receiver, sender] = pipe();
    const place = sender.reserveSync(5);
    const { bytes } = place;
    sender.close();
    expect(bytes.length).toBe(0);
    expect(() => place.commit()).toThrow(StateError);
    await expect(sender.reserve(1)).rejects.toThrow(ClosedError);
    expect(() => receiver.recvBytesSync()).toThrow(EOFError);
    receiver.close();

    const [otherReceiver, otherSender] = pipe();
    const last = otherSender.reserveSync(5);
    otherReceiver.close();
    expect(() => last.commit()).toThrow(BrokenPipeError);
    expect(last.bytes.length).toBe(0);
    expect(() => otherSender.reserveSync(1)).toThrow(BrokenPipeError);
    otherSender.close();
  });
});

describe('borrow', () => {
  test('the next message lies there until it is disposed of', async () => {
    const [receiver, sender] = pipe();
    sender.sendBytesSync(Buffer.from('first'));
    sender.sendBytesSync(Buffer.alloc(0));
    sender.sendBytesSync(Buffer.from('third'));
    {
      using first = receiver.borrowSync();
      expect(Buffer.from(first.bytes).toString()).toBe('first');
    }
    const empty = await receiver.borrow();
    expect(empty.bytes.length).toBe(0);
    empty[Symbol.dispose]();
    empty[Symbol.dispose]();
    const third = await receiver.borrow();
    const { bytes } = third;
    expect(String(Buffer.from(bytes))).toBe('third');
    third[Symbol.dispose]();
    expect(bytes.length).toBe(0);
    expect(receiver.pollSync()).toBe(false);
    receiver.close();
    sender.close();
  });

  test('other receives of this thread wait, or are refused where they would block it', async () => {
    const [receiver, sender] = pipe();
    sender.sendBytesSync(Buffer.from('first'));
    sender.sendSync('second');
    const first = receiver.borrowSync();
    await expectFailure(() => receiver.recvSync(), StateError, 'ERR_PROCLOOM_RESERVED');
    await expectFailure(() => receiver.borrowSync(), StateError, 'ERR_PROCLOOM_RESERVED');
    await expect(receiver.recv({ timeout: 1 })).rejects.toThrow(TimeoutError);
    const second = receiver.recv();
    first[Symbol.dispose]();
    expect(await second).toBe('second');
    receiver.close();
    sender.close();
  });

  test('of a value is refused, and leaves it; so does the end', async () => {
    const [receiver, sender] = pipe();
    sender.sendSync({ a: 1 });
    await expectFailure(() => receiver.borrowSync(), StateError, 'ERR_PROCLOOM_NOT_BYTES');
    expect(receiver.recvSync()).toEqual({ a: 1 });
    expect(() => receiver.borrowSync({ timeout: 1 })).toThrow(TimeoutError);
    expect(() => sender.borrowSync()).toThrow(StateError);
    sender.close();
    expect(() => receiver.borrowSync()).toThrow(EOFError);
    await expect(receiver.borrow()).rejects.toThrow(EOFError);
    receiver.close();
  });

  test('close() disposes of it', () => {
    const [receiver, sender] = pipe();
    sender.sendBytesSync(Buffer.from('first'));
    const { bytes } = receiver.borrowSync();
    receiver.close();
    expect(bytes.length).toBe(0);
    sender.close();
  });
});

test('who has a place keeps its connection; who lets go of both gives it up', async () => {
  const [receiver, sender] = pipe();
  const again = (connection: unknown) => {
    using carrier = new Queue<typeof sender>();
    carrier.putSync(connection as typeof sender);
    return carrier.getSync();
  };
  let place: Reservation | undefined = again(sender).reserveSync(4);
  sender.close();
  await collected();
  place.bytes.set(Buffer.from('kept'));
  place.commit();
  expect(String(receiver.recvBytesSync())).toBe('kept');
  place = undefined;
  await vi.waitFor(async () => {
    await collected();
    expect(() => receiver.recvBytesSync({ timeout: 0 })).toThrow(EOFError);
  });
  receiver.close();
});

describe('between processes', () => {
  test('in place on both sides: 200 messages of all sizes', async () => {
    const [receiver, sender] = pipe();
    const child = start('sendInPlace', sender, 200);
    sender.close();
    for (let i = 0; i < 200; i++) {
      using message = i % 2 === 0 ? receiver.borrowSync() : await receiver.borrow();
      expect(message.bytes.length).toBe((i * 7919) % 300_000);
      expect(message.bytes.every((byte) => byte === i)).toBe(true);
    }
    expect(await child.join()).toBe(0);
    receiver.close();
  });

  test('one that dies with a reservation sends nothing, and blocks nobody', async () => {
    const [receiver, sender] = pipe();
    const child = start('reserveAndDie', sender);
    expect(String(receiver.recvBytesSync())).toBe('before');
    const mine = sender.sendBytes(Buffer.from('mine'));
    expect(await child.join()).toBe(-9);
    await mine;
    sender.sendBytesSync(Buffer.from('more'));
    expect([receiver.recvBytesSync(), receiver.recvBytesSync()].map(String)).toEqual(['mine', 'more']);
    receiver.close();
    sender.close();
  });

  test('what a dead one had borrowed is the next message of another', async () => {
    const [receiver, sender] = pipe();
    sender.sendBytesSync(Buffer.from('lent'));
    const child = start('borrowAndDie', receiver);
    expect(await child.join()).toBe(-9);
    expect(String(await receiver.recvBytes())).toBe('lent');
    receiver.close();
    sender.close();
  });

  test.each(['blocking', 'awaited'])('another process waits for a reservation of ours: %s', async (how) => {
    const [receiver, sender] = pipe();
    const [told, tell] = pipe();
    const place = sender.reserveSync(4);
    const child = start('sendAfter', sender, tell, how);
    expect(await told.recv()).toBe('about to');
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(receiver.pollSync()).toBe(false);
    place.bytes.set(Buffer.from('mine'));
    place.commit();
    expect(String(receiver.recvBytesSync())).toBe('mine');
    expect(String(receiver.recvBytesSync())).toBe('theirs');
    expect(await child.join()).toBe(0);
    for (const end of [receiver, sender, told, tell]) end.close();
  });
});
