// Connections as streams: what comes through, who waits for whom, and how it ends.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { BrokenPipeError, ClosedError, StateError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';

const program = fileURLToPath(new URL('../fixtures/connection/streams.mjs', import.meta.url));
const start = (job: string, ...args: unknown[]) =>
  new Process({ target: { module: program, export: job }, args }).start();

/** A sink that keeps what comes. */
function collect(into: unknown[], objectMode: boolean): Writable {
  return new Writable({ objectMode, write: (chunk, _, done) => done(void into.push(chunk) as undefined) });
}

describe.each([true, false])('duplex: %s', (duplex) => {
  test('objects of any kind, in order, to the end', async () => {
    const [receiver, sender] = Pipe({ duplex });
    const objects = [{ a: 1n }, 'text', '', 0, false, [new Date(0)], new Map([[1, 2]]), Buffer.from('bytes')];
    const got: unknown[] = [];
    const sending = sender.toDuplex({ objectMode: true });
    const receiving = receiver.toDuplex({ objectMode: true });
    if (duplex) receiving.end();
    await Promise.all([
      pipeline(Readable.from(objects), sending, ...(duplex ? [collect([], true)] : [])),
      pipeline(receiving, collect(got, true)),
    ]);
    expect(got).toEqual(objects);
    expect(sender.closed).toBe(true);
    expect(receiver.closed).toBe(true);
  });
});

test('a file there and back through a child', async () => {
  const [ours, theirs] = Pipe();
  const child = start('echo', theirs);
  theirs.close();
  const back = createHash('sha256');
  const there = createHash('sha256');
  const file = createReadStream(process.execPath, { end: 20_000_000 });
  file.on('data', (chunk) => there.update(chunk));
  await pipeline(file, ours.toDuplex(), async (chunks) => {
    for await (const chunk of chunks) back.update(chunk as Buffer);
  });
  expect(back.digest('hex')).toBe(there.digest('hex'));
  expect(ours.closed).toBe(true);
  expect(await child.join()).toBe(0);
});

test('strings are bytes of their encoding; nothing written is nothing sent', async () => {
  const [receiver, sender] = Pipe({ duplex: false });
  const stream = sender.toDuplex();
  stream.write('é');
  stream.write('');
  stream.write('6869', 'hex');
  stream.end();
  expect([await receiver.recvBytes(), await receiver.recvBytes()].map(String)).toEqual(['é', 'hi']);
  expect((await receiver.recvBytes()).length).toBe(0); // the end
  receiver.close();
});

test('a slow reader holds the writer up', async () => {
  const [receiver, sender] = Pipe({ duplex: false, capacity: 65_536 });
  let made = 0;
  const source = Readable.from(
    (function* () {
      for (; made < 1000; made++) yield Buffer.alloc(16_384);
    })(),
    { objectMode: false },
  );
  const sending = pipeline(source, sender.toDuplex());
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(made).toBeLessThan(30);
  let bytes = 0;
  for await (const chunk of receiver.toDuplex()) bytes += (chunk as Buffer).length;
  await sending;
  expect(bytes).toBe(1000 * 16_384);
});

describe('ends', () => {
  test('the reading one when the other end is closed or dead', async () => {
    const [receiver, sender] = Pipe({ duplex: false });
    const child = start('sendAndDie', sender);
    sender.close();
    const got: unknown[] = [];
    await pipeline(receiver.toDuplex({ objectMode: true }), collect(got, true));
    expect(got).toEqual(['last words']);
    expect(await child.join()).toBe(-9);
  });

  test('the writing one with BrokenPipeError', async () => {
    const [receiver, sender] = Pipe({ duplex: false });
    receiver.close();
    await expect(pipeline(Readable.from(['a']), sender.toDuplex())).rejects.toThrow(BrokenPipeError);
    expect(sender.closed).toBe(true);
  });

  test('destroyed while it waits', async () => {
    const [ours, theirs] = Pipe();
    const stream = ours.toDuplex();
    stream.resume();
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy();
    await closed;
    expect(ours.closed).toBe(true);
    theirs.close();
  });

  test('with an error when the connection is closed beside it', async () => {
    const [ours, theirs] = Pipe();
    const stream = ours.toDuplex();
    const failed = new Promise((resolve) => stream.once('error', resolve));
    stream.resume();
    ours.close();
    expect(await failed).toBeInstanceOf(ClosedError);
    theirs.close();
  });

  test('with an error where bytes were expected and a value came', async () => {
    const [receiver, sender] = Pipe({ duplex: false });
    sender.sendSync({ not: 'bytes' });
    await expect(pipeline(receiver.toDuplex(), collect([], false))).rejects.toThrow(StateError);
    sender.close();
  });

  test('what cannot travel is the error of the stream', async () => {
    const [receiver, sender] = Pipe({ duplex: false });
    await expect(pipeline(Readable.from([() => 1]), sender.toDuplex({ objectMode: true }))).rejects.toThrow(
      /cannot|travel/,
    );
    receiver.close();
  });
});
