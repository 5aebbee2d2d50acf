// What many small objects cost: bytes of an arena, not segments and descriptors of their own.
import { expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import type { Shareable } from '../../lib/memory/shared-object.js';
import { Condition } from '../../lib/sync/condition.js';
import { Event } from '../../lib/sync/event.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { Semaphore } from '../../lib/sync/semaphore.js';
import { openDescriptors } from '../setup/descriptors.js';

const bytes = () => native.list().reduce((sum, segment) => sum + segment.bytes, 0);
const MANY = 100_000;
const MOST_BYTES = 20e6;

test.each<[string, () => Shareable]>([
  ['locks', () => new Lock()],
  ['re-entrant locks', () => new RLock()],
  ['semaphores', () => new Semaphore()],
  ['events', () => new Event()],
])('100 000 %s cost under 20 MB and next to no descriptors, and give both back', (_name, make) => {
  make().close(); // an arena is there now, as in a program that has used one
  const [bytesBefore, descriptorsBefore] = [bytes(), openDescriptors().size];
  const objects = Array.from({ length: MANY }, make);
  expect(bytes() - bytesBefore).toBeLessThan(MOST_BYTES);
  expect(openDescriptors().size - descriptorsBefore).toBeLessThan(20);
  for (const object of objects) object.close();
  expect(bytes()).toBe(bytesBefore);
  expect(openDescriptors().size).toBe(descriptorsBefore);
});

test('what is closed is used again', () => {
  new Lock().close();
  const before = bytes();
  for (let i = 0; i < MANY; i++) new Lock().close();
  expect(bytes()).toBe(before);
});

test('conditions are larger, and give all back as well', () => {
  new Lock().close();
  const before = bytes();
  const conditions = Array.from({ length: 100 }, () => new Condition());
  expect(bytes()).toBeGreaterThan(before);
  for (const { lock } of conditions) lock.close();
  for (const condition of conditions) condition.close();
  expect(bytes()).toBe(before);
});
