// The memory of the dead goes, that of the living stays.
import { expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { runFixture } from './run-fixture.js';
import { Victim } from './victim.js';

const anonymous = () =>
  native
    .list()
    .filter(({ named, kind }) => !named && kind !== native.kind.ARENA)
    .map(({ file }) => file);

test('what a killed process made is gone after the next one came by', async () => {
  const before = anonymous();
  const made = await runFixture('maker.mjs', 'SIGKILL');
  expect(made.signal).toBe('SIGKILL');
  const left = anonymous().filter((file) => !before.includes(file));
  expect(left.length).toBeGreaterThanOrEqual(3); // a queue, a pipe, an array
  const next = await runFixture('passer-by.mjs');
  expect(next).toMatchObject({ code: 0 });
  expect(anonymous()).toEqual(before);
});

test('what a process that just exits made is gone with it', async () => {
  const before = anonymous();
  for (const end of ['process.exit', 'throw', 'return']) {
    await runFixture('maker.mjs', end);
    expect(anonymous(), end).toEqual(before);
  }
});

test('what the living use outlives its killed maker', async () => {
  using told = new Queue<unknown>();
  const victim = await Victim.start('keep', {}, told);
  const made = await runFixture('sender.mjs', told);
  expect(made.signal).toBe('SIGKILL');
  const [value, array] = (await told.get()) as [Value<'i'>, SharedArray<'d'>];
  native.sweep();
  expect(value.add(1)).toBe(41);
  expect([...array]).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
  await victim.kill();
  native.sweep();
  expect(array.get(9_999)).toBe(9_999);
  value.close();
  array.close();
});
