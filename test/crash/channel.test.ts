// Whoever puts or gets is killed: nobody else loses anything, and nobody hangs.
import { expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { BrokenPipeError, EOFError } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { Victim } from './victim.js';

test('what put() returned for is delivered, though its producer is dead a moment later', async () => {
  using queue = new Queue<number>();
  const victim = await Victim.start('put', {}, queue, 1000);
  await victim.kill();
  for (let i = 0; i < 1000; i++) expect(queue.getSync()).toBe(i);
  expect(queue.empty()).toBe(true);
});

test('a consumer killed while it waits takes nothing and blocks nobody', async () => {
  using queue = new Queue<string>();
  const victims = [await Victim.start('blockInGet', { before: true }, queue)];
  victims.push(await Victim.start('blockInGet', { before: true }, queue));
  for (const victim of victims) await victim.kill();
  const waiting = queue.get();
  queue.putSync('one');
  expect(await waiting).toBe('one');
  queue.putSync('two');
  expect(queue.getSync()).toBe('two');
});

test('a producer killed while it waits for room puts nothing and blocks nobody', async () => {
  using queue = new Queue<string>(1);
  queue.putSync('first');
  const victim = await Victim.start('blockInPut', { before: true }, queue);
  await victim.kill();
  expect(queue.qsize()).toBe(1);
  expect(queue.getSync()).toBe('first');
  expect(queue.empty()).toBe(true);
  await queue.put('second');
  expect(await queue.get()).toBe('second');
});

test('the other end of a pipe notices the death of its last holder', async () => {
  const [ours, theirs] = Pipe();
  const victim = await Victim.start('keep', {}, theirs);
  theirs.close();
  ours.sendSync('hello');
  const waiting = Promise.allSettled([ours.recv(), ours.recv({ timeout: 60_000 })]);
  await victim.kill();
  for (const { status, reason } of (await waiting) as PromiseRejectedResult[]) {
    expect(status).toBe('rejected');
    expect(reason).toBeInstanceOf(EOFError);
  }
  expect(() => ours.recvSync()).toThrow(EOFError);
  expect(() => ours.sendSync('anybody?')).toThrow(BrokenPipeError);
  await expect(ours.send('anybody?')).rejects.toThrow(BrokenPipeError);
  ours.close();
});
