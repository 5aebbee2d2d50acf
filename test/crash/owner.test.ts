// Whoever held a lock is killed: the next one gets it, and is told.
import { describe, expect, test } from 'vitest';

import { OwnerDiedError } from '../../lib/errors/errors.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { Semaphore } from '../../lib/sync/semaphore.js';
import { Victim } from './victim.js';

describe.each([
  ['Lock', () => new Lock()],
  ['RLock', () => new RLock()],
])('%s', (_name, make) => {
  test('is handed on to one who blocks, tries or awaits', async () => {
    using lock = make();
    for (const take of [
      () => lock.acquireSync(),
      () => lock.tryAcquire(),
      () => lock.acquire(),
      () => lock.acquireSync({ timeout: 10_000 }),
    ]) {
      const victim = await Victim.start('hold', {}, lock);
      expect(lock.locked()).toBe(true);
      expect(lock.tryAcquire()).toBe(false);
      await victim.kill();
      expect(await take()).toBe(true);
      expect(lock.abandoned).toBe(true);
      lock.release();
      expect(lock.abandoned).toBe(false);
      expect(lock.locked()).toBe(false);
    }
  });

  test('wakes one who waits already', async () => {
    using lock = make();
    const victim = await Victim.start('hold', {}, lock);
    const waiting = lock.acquire();
    await victim.kill();
    expect(await waiting).toBe(true);
    expect(lock.abandoned).toBe(true);
    lock.release();
  });
});

test("policy 'throw': acquire holds it and throws; with and guard let it go, marked", async () => {
  using lock = new Lock({ onOwnerDeath: 'throw' });
  const victim = await Victim.start('hold', {}, lock);
  await victim.kill();
  await expect(lock.with(() => 'never')).rejects.toThrow(OwnerDiedError);
  expect(() => lock.withSync(() => 'never')).toThrow(OwnerDiedError);
  await expect(lock.guard()).rejects.toThrow(OwnerDiedError);
  expect(() => lock.guardSync()).toThrow(OwnerDiedError);
  expect(lock.locked()).toBe(false);
  expect(() => lock.acquireSync()).toThrow(OwnerDiedError);
  expect(lock.locked()).toBe(true);
  expect(lock.abandoned).toBe(true);
  lock.release();
  expect(lock.withSync(() => 'mended')).toBe('mended');
});

test('the lock of a value', async () => {
  using value = new Value('i', 1);
  const victim = await Victim.start('hold', {}, value.getLock());
  await victim.kill();
  expect(value.updateSync((before) => before + 1)).toBe(2);
});

test('a permit of a semaphore goes with who took it, as in Python', async () => {
  using semaphore = new Semaphore(2);
  const victim = await Victim.start('hold', {}, semaphore);
  await victim.kill();
  expect(semaphore.getValue()).toBe(1);
});
