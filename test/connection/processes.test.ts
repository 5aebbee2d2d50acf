// Pipes between processes: ends that travel, end, or are killed, and many who use one.
import { createHash, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import type { Connection } from '../../lib/connection/connection.js';
import { Pipe } from '../../lib/connection/pipe.js';
import { BrokenPipeError, EOFError, StateError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { expectFailure, expectInvalid } from '../memory/failures.js';

const program = fileURLToPath(new URL('../fixtures/connection/jobs.mjs', import.meta.url));
const start = (job: string, ...args: unknown[]) =>
  new Process({ target: { module: program, export: job }, args }).start();

describe.each(['echoSync', 'echo'])('a child that %ss', (job) => {
  test('gives everything back, whole and in order; its end is our EOF', async () => {
    const [ours, theirs] = Pipe();
    const child = start(job, theirs);
    theirs.close(); // right after start, as in Python
    for (const value of [1, 'text', { deep: [new Date(0), new Map([[1, 2n]])] }, null, undefined]) {
      ours.sendSync(value);
      expect(await ours.recv()).toEqual(value);
    }
    for (const size of [0, 1, 7, 8, 9, 65_535, 1 << 20, 5_000_000]) {
      const bytes = randomBytes(size);
      const [, back] = await Promise.all([ours.sendBytes(bytes), ours.recvBytes()]);
      expect(back.equals(bytes)).toBe(true);
    }
    ours.sendSync('end');
    expect(() => ours.recvSync()).toThrow(EOFError);
    expect(await child.join()).toBe(0);
    expect(() => ours.sendSync('anybody?')).toThrow(BrokenPipeError);
    ours.close();
  });
});

test('70 MiB go through a pipe of 1 MiB to another process', async () => {
  const [receiver, sender] = Pipe({ duplex: false });
  const [told, telling] = Pipe({ duplex: false });
  const child = start('digest', receiver, telling);
  receiver.close();
  telling.close();
  const bytes = randomBytes(70 << 20);
  sender.sendBytesSync(bytes);
  sender.close();
  expect(await told.recv()).toEqual([bytes.length, createHash('sha256').update(bytes).digest('hex')]);
  expect(await child.join()).toBe(0);
  told.close();
});

describe('messages keep their boundaries', () => {
  test('poll() does not merge them, empty ones included', async () => {
    const [ours, theirs] = Pipe();
    const child = start('sendAll', theirs, ['', 'bbbb', '', '', 'hello', '', 'a'.repeat(5000)]);
    theirs.close();
    for (const text of ['', 'bbbb', '', '', 'hello', '', 'a'.repeat(5000)]) {
      expect(await ours.poll({ timeout: Infinity })).toBe(true);
      expect(ours.pollSync()).toBe(true);
      expect(ours.recvBytesSync().toString()).toBe(text);
    }
    expect(await ours.poll({ timeout: Infinity }), 'the end, too').toBe(true);
    expect(() => ours.recvBytesSync()).toThrow(EOFError);
    expect(await child.join()).toBe(0);
    ours.close();
  });

  test('one takes one, the other the next', async () => {
    const [ours, theirs] = Pipe();
    ours.sendBytesSync(Buffer.from('first'));
    ours.sendBytesSync(Buffer.from('other'));
    const child = start('takeOne', theirs);
    expect((await ours.recvBytes()).toString()).toBe('first');
    expect(await child.join()).toBe(0);
    expect(theirs.recvBytesSync().toString()).toBe('other');
    ours.close();
    theirs.close();
  });
});

test('several senders on one end do not mix their messages up', async () => {
  const [receiver, sender] = Pipe({ duplex: false, capacity: 4096 });
  const children = [0, 1, 2].map((n) => start('sendMany', sender, n, 2_000));
  sender.close();
  const last = [-1, -1, -1];
  let count = 0;
  for await (const message of receiver) {
    const { n, i, body } = message as { n: number; i: number; body: string };
    expect(i).toBe(last[n]! + 1);
    expect(body).toBe(`${n}:${i}:`.repeat(1 + (i % 40)));
    last[n] = i;
    count++;
  }
  expect(count).toBe(6_000);
  for (const child of children) expect(await child.join()).toBe(0);
  receiver.close();
});

test('several receivers on one end share the messages', async () => {
  const [receiver, sender] = Pipe({ duplex: false, capacity: 4096 });
  const [results, telling] = Pipe({ duplex: false });
  const children = [0, 1, 2].map(() => start('recvAll', receiver, telling));
  receiver.close();
  telling.close();
  for (let i = 0; i < 3_000; i++) await sender.send(i);
  sender.close();
  const got: number[] = [];
  for await (const part of results) {
    expect(part).toEqual([...(part as number[])].sort((a, b) => a - b));
    got.push(...(part as number[]));
  }
  expect(got.sort((a, b) => a - b)).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
  for (const child of children) expect(await child.join()).toBe(0);
  results.close();
});

describe('the other process is killed', () => {
  test('while we wait for a message, and while we wait for room', async () => {
    const [ours, theirs] = Pipe({ capacity: 4096 });
    const child = start('fallAsleep', theirs);
    theirs.close();
    expect(await ours.recv()).toBe('ready');
    const receiving = expectFailure(() => ours.recv(), EOFError, 'ERR_PROCLOOM_EOF');
    const sending = expectFailure(
      async () => {
        for (;;) await ours.send('x'.repeat(1000));
      },
      BrokenPipeError,
      'ERR_PROCLOOM_BROKEN_PIPE',
    );
    child.kill();
    await Promise.all([receiving, sending]);
    expect(await child.join()).toBe(-9);
    ours.close();
  });

  test('while we block', async () => {
    for (const block of [
      (end: Connection) => end.recvSync(),
      (end: Connection) => end.recvBytesSync(),
      (end: Connection) => end.pollSync({ timeout: Infinity }) && end.recvSync(),
    ]) {
      const [ours, theirs] = Pipe();
      const child = start('killYourself', theirs);
      theirs.close();
      expect(ours.recvSync()).toBe('last words');
      expect(() => block(ours)).toThrow(EOFError);
      expect(await child.join()).toBe(-9);
      ours.close();
    }
  });

  test('but a sibling still holds its end: the pipe lives', async () => {
    const [ours, theirs] = Pipe();
    const [first, second] = [start('killYourself', theirs), start('echoSync', theirs)];
    theirs.close();
    expect(await first.join()).toBe(-9);
    const seen = new Set([await ours.recv()]);
    ours.sendSync('are you there');
    seen.add(await ours.recv());
    expect(seen).toEqual(new Set(['last words', 'are you there']));
    ours.sendSync('end');
    await expectFailure(() => ours.recv(), EOFError, 'ERR_PROCLOOM_EOF');
    expect(await second.join()).toBe(0);
    ours.close();
  });
});

test('the wrong direction, by every verb', async () => {
  const [receiver, sender] = Pipe({ duplex: false });
  const bytes = new Uint8Array(1);
  for (const call of [
    () => receiver.send(1),
    () => receiver.send(1, { timeout: 0 }),
    () => receiver.sendSync(1),
    () => receiver.sendBytes(bytes),
    () => receiver.sendBytesSync(bytes),
    () => sender.recv(),
    () => sender.recvSync(),
    () => sender.recvBytes(),
    () => sender.recvBytesSync(),
    () => sender.recvBytesInto(bytes),
    () => sender.recvBytesIntoSync(bytes),
    () => sender.poll(),
    () => sender.poll({ timeout: 10 }),
    () => sender.pollSync(),
    () => sender[Symbol.asyncIterator]().next(),
  ]) {
    const failure = await expectFailure(call, StateError, 'ERR_PROCLOOM_WRONG_DIRECTION');
    expect(failure.message).toMatch(/Of a Pipe\(\{ duplex: false \}\) the first end receives and the second sends/);
  }
  receiver.close();
  sender.close();
});

test('poll() refuses what is no options', async () => {
  expect.hasAssertions();
  const [near, far] = Pipe();
  for (const options of [5, 'x', null, true] as never[]) {
    await expectInvalid(() => near.poll(options), TypeError, /options must be an object/);
    await expectInvalid(() => near.pollSync(options), TypeError, /options must be an object/);
  }
  await expectInvalid(() => near.poll({ timeout: NaN }), RangeError, /timeout/);
  await expectInvalid(() => near.pollSync({ timeout: NaN }), RangeError, /timeout/);
  near.close();
  far.close();
});
