// Conditions and locks that are closed while somebody waits.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';

import { ClosedError } from '../../lib/errors/errors.js';
import { Condition } from '../../lib/sync/condition.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { expectFailure } from '../memory/failures.js';
import { again, waiting } from './waiting.js';

describe.each<[string, () => Lock | undefined]>([
  ['over an RLock of its own', () => undefined],
  ['over an RLock', () => new RLock()],
  ['over a Lock', () => new Lock()],
])('%s', (_name, lockOf) => {
  test('close() rejects the pending waits of this handle, not those of another', async () => {
    const condition = new Condition(lockOf());
    using other = again(condition);
    const waits = [...(await waiting(condition)), ...(await waiting(condition, { timeout: 600_000 }))];
    const failed = waits.map((wait) => expectFailure(() => wait, ClosedError, 'ERR_PROCLOOM_CLOSED'));
    const [kept] = await waiting(other);
    condition.close();
    await Promise.all(failed);
    await other.with(() => other.notify());
    expect(await kept).toBe(true);
    condition.lock.close();
  });

  test('close() of one that was notified hands it on', async () => {
    const condition = new Condition(lockOf());
    using other = again(condition);
    const [wait] = await waiting(condition);
    const failed = expectFailure(() => wait, ClosedError, 'ERR_PROCLOOM_CLOSED');
    const [kept] = await waiting(other);
    await other.acquire();
    other.notify();
    await sleep(5); // it knows
    condition.close();
    other.release();
    await failed;
    expect(await kept).toBe(true);
    condition.lock.close();
  });
});

test('a lock that is closed while it is let go of cannot be had back', async () => {
  const lock = new Lock();
  using condition = new Condition(lock);
  using heir = again(condition);
  using otherLock = heir.lock;
  const [wait] = await waiting(condition);
  const failed = expectFailure(() => wait, ClosedError, 'ERR_PROCLOOM_CLOSED');
  const [kept] = await waiting(heir);
  await heir.acquire();
  heir.notify();
  lock.close();
  heir.release();
  await failed;
  expect(await kept, 'what it could not use went on').toBe(true);
  expect(otherLock.locked()).toBe(false);
});

test('close() gives a lock that was given back to who waited', async () => {
  using lock = new Lock();
  const condition = new Condition(lock);
  const wait = lock.with(async () => {
    await expectFailure(() => condition.wait(), ClosedError, 'ERR_PROCLOOM_CLOSED');
    expect(lock.locked()).toBe(true);
    return 'went on';
  });
  condition.close();
  expect(await wait).toBe('went on');
  expect(lock.locked()).toBe(false);
});

test('the lock that came with it is closed with it, a given one is not', async () => {
  using given = new RLock();
  const [own, over] = [new Condition(), new Condition(given)];
  for (const condition of [own, over]) condition.close();
  await expectFailure(() => own.lock.tryAcquire(), ClosedError, 'ERR_PROCLOOM_CLOSED');
  expect(given.tryAcquire()).toBe(true);
  given.release();
});
