// Condition: waiting and being notified, in one thread and beside others.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { NotOwnerError, SegmentError, TimeoutError } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Condition } from '../../lib/sync/condition.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { expectFailure, expectInvalid, failureOf } from '../memory/failures.js';
import { startThread } from './thread.js';
import { waiting } from './waiting.js';

const made: Condition[] = [];

afterEach(() => {
  for (const condition of made.splice(0)) {
    condition.close();
    condition.lock.close();
  }
});

describe.each<[string, () => Lock | undefined]>([
  ['over an RLock of its own', () => undefined],
  ['over an RLock', () => new RLock()],
  ['over a Lock', () => new Lock()],
])('%s', (_name, lockOf) => {
  function make(): Condition {
    const condition = new Condition(lockOf());
    made.push(condition);
    return condition;
  }

  test('notify(n) tells n of those that wait, in the order in which they came', async () => {
    using condition = make();
    const told: number[] = [];
    const waits = [0, 1, 2, 3, 4].map((i) =>
      condition.with(async () => {
        expect(await condition.wait()).toBe(true);
        expect(condition.lock.locked()).toBe(true);
        told.push(i);
      }),
    );
    for (const [n, count] of [
      [0, 0],
      [1, 1],
      [2, 3],
      [10, 5],
    ] as const) {
      await condition.with(() => condition.notify(n));
      await Promise.all(waits.slice(0, count));
      await sleep(2);
      expect(told).toEqual([0, 1, 2, 3, 4].slice(0, count));
    }
    expect(condition.lock.locked()).toBe(false);
  });

  test('notify() tells one, notifyAll() all', async () => {
    using condition = make();
    const waits = [...(await waiting(condition)), ...(await waiting(condition)), ...(await waiting(condition))];
    condition.withSync(() => condition.notify());
    expect(await waits[0]).toBe(true);
    await condition.with(() => condition.notifyAll());
    expect(await Promise.all(waits)).toEqual([true, true, true]);
  });

  test('who comes after a notification does not get it', async () => {
    using condition = make();
    condition.withSync(() => condition.notifyAll());
    const [first] = await waiting(condition, { timeout: 5 });
    expect(await first).toBe(false);
    const [early] = await waiting(condition);
    condition.withSync(() => condition.notify());
    const [late] = await waiting(condition, { timeout: 5 });
    expect(await Promise.all([early, late])).toEqual([true, false]);
  });

  test('what is notified goes on when the lock is let go of', async () => {
    using condition = make();
    let went = false;
    const [wait] = await waiting(condition);
    void wait.then(() => (went = true));
    await condition.acquire();
    condition.notify();
    await sleep(5);
    expect(went).toBe(false);
    condition.release();
    expect(await wait).toBe(true);
  });

  test('a timeout passes, awaited and blocking, and the lock is held again', async () => {
    using condition = make();
    for (const timeout of [0, -1, -1e9, 1, 30]) {
      const started = performance.now();
      await condition.with(async () => {
        expect(await condition.wait({ timeout })).toBe(false);
        expect(condition.lock.locked()).toBe(true);
      });
      condition.withSync(() => {
        expect(condition.waitSync({ timeout })).toBe(false);
        expect(condition.lock.locked()).toBe(true);
      });
      expect(performance.now() - started).toBeGreaterThanOrEqual(2 * Math.max(0, timeout) - 1);
      expect(condition.lock.locked()).toBe(false);
    }
  });

  test.each([Infinity, 2 ** 40, 600_000])('timeout %d', async (timeout) => {
    using condition = make();
    const [wait] = await waiting(condition, { timeout });
    await condition.with(() => condition.notify());
    expect(await wait).toBe(true);
  });

  test('one whose time has passed, but that is notified before it has the lock back, was notified', async () => {
    using condition = make();
    const [late] = await waiting(condition, { timeout: 1 });
    const [other] = await waiting(condition);
    await condition.acquire();
    await sleep(10);
    condition.notify();
    condition.release();
    expect(await late).toBe(true);
    await condition.with(() => condition.notify());
    expect(await other).toBe(true);
  });

  test('an aborted wait rejects with the reason, and holds the lock again', async () => {
    using condition = make();
    const reason = new Error('changed my mind');
    const controller = new AbortController();
    const wait = condition.with(async () => {
      expect(await failureOf(() => condition.wait({ signal: controller.signal }))).toBe(reason);
      expect(condition.lock.locked()).toBe(true);
      return 'went on';
    });
    await condition.acquire();
    controller.abort(reason);
    await sleep(5);
    condition.release();
    expect(await wait).toBe('went on');
    expect(condition.lock.locked()).toBe(false);
    const signal = AbortSignal.abort(reason);
    await condition.with(async () => {
      expect(await failureOf(() => condition.wait({ signal }))).toBe(reason);
      expect(await failureOf(() => condition.wait({ signal, timeout: 0 }))).toBe(reason);
      expect(await failureOf(() => condition.waitFor(() => true, { signal }))).toBe(reason);
      expect(condition.lock.locked()).toBe(true);
    });
  });

  test.each(['before', 'after'])('aborted %s it is notified: another one is told', async (when) => {
    using condition = make();
    const reason = new Error('not me');
    const controller = new AbortController();
    const [wait] = await waiting(condition, { signal: controller.signal });
    const failed = failureOf(() => wait);
    const [other] = await waiting(condition);
    await condition.acquire();
    if (when === 'before') controller.abort(reason);
    condition.notify();
    await sleep(5); // it knows
    if (when === 'after') controller.abort(reason);
    condition.release();
    expect(await failed).toBe(reason);
    expect(await other).toBe(true);
  });

  test('wrong options are refused, and change nothing', async () => {
    using condition = make();
    await condition.acquire();
    for (const verb of ['wait', 'waitSync'] as const) {
      await expectInvalid(() => condition[verb]({ timeout: NaN }), RangeError, /timeout must be .*NaN/);
      for (const timeout of ['5', null, {}] as never[]) {
        await expectInvalid(() => condition[verb]({ timeout }), TypeError, /timeout must be a number of milliseconds/);
      }
      await expectInvalid(() => condition[verb](5 as never), TypeError, /options must be an object/);
    }
    for (const verb of ['waitFor', 'waitForSync'] as const) {
      await expectInvalid(() => condition[verb](() => 1, { timeout: NaN }), RangeError, /timeout must be .*NaN/);
      await expectInvalid(() => condition[verb]('x' as never), TypeError, /predicate must be a function/);
      await expectInvalid(() => condition[verb](async () => 1), TypeError, /predicate must not return a promise/);
    }
    await expectInvalid(() => condition.wait({ signal: {} as never }), TypeError, /signal must be an AbortSignal/);
    for (const n of [-1, 0.5, NaN, Infinity, 2 ** 31]) {
      await expectInvalid(() => condition.notify(n), RangeError, /n must be an integer from 0 to 2147483647/);
    }
    await expectInvalid(() => condition.notify('1' as never), TypeError, /n must be an integer/);
    expect(condition.lock.locked()).toBe(true);
    condition.release();
  });

  test('who does not hold the lock may neither wait nor notify', async () => {
    using condition = make();
    let called = false;
    for (const call of [
      () => condition.wait(),
      () => condition.wait({ timeout: 0 }),
      () => condition.waitSync({ timeout: 0 }),
      () => condition.waitFor(() => (called = true)),
      () => condition.waitForSync(() => (called = true)),
      () => condition.notify(),
      () => condition.notifyAll(),
    ]) {
      const failure = await expectFailure(call, NotOwnerError, 'ERR_PROCLOOM_NOT_OWNER');
      expect(failure.message).toMatch(/condition\.\w+\(\): its lock is not held by the caller\. Call it inside/);
    }
    expect(called).toBe(false);
    expect(condition.lock.locked()).toBe(false);
  });

  test('waitFor gives the last value of the predicate', async () => {
    using condition = make();
    let value: number | undefined = 5;
    await condition.with(async () => {
      expect(await condition.waitFor(() => value)).toBe(5);
      expect(condition.waitForSync(() => value)).toBe(5);
      value = 0;
      expect(await condition.waitFor(() => value, { timeout: 5 })).toBe(0);
      expect(condition.waitForSync(() => value, { timeout: 5 })).toBe(0);
      expect(await condition.waitFor(() => value, { timeout: 0 })).toBe(0);
      const wrong = new Error('wrong');
      const throwing = () => {
        throw wrong;
      };
      expect(await failureOf(() => condition.waitFor(throwing))).toBe(wrong);
      expect(await failureOf(() => condition.waitForSync(throwing))).toBe(wrong);
    });
    let calls = 0;
    const wait = condition.with(() => condition.waitFor(() => (calls++, value === 3 ? 'three' : undefined)));
    for (const next of [1, 2, 3]) {
      await condition.with(() => {
        value = next;
        condition.notify();
      });
    }
    expect(await wait).toBe('three');
    expect(calls).toBeGreaterThan(1);
  });

  test('waitFor gives up when its time has passed, however often it is notified', async () => {
    using condition = make();
    const started = performance.now();
    let over = false;
    const wait = condition.with(() => condition.waitFor(() => false, { timeout: 50 })).finally(() => (over = true));
    while (!over) {
      await condition.with(() => condition.notifyAll());
      await sleep(1);
    }
    expect(await wait).toBe(false);
    expect(performance.now() - started).toBeGreaterThanOrEqual(49);
  });

  test('its lock is taken and given by its own verbs', async () => {
    using condition = make();
    const { lock } = condition;
    for (const take of [
      () => condition.acquire(),
      () => condition.acquireSync(),
      () => condition.tryAcquire(),
      () => condition.acquire({ timeout: 0 }),
    ]) {
      expect(await take()).toBe(true);
      expect(lock.locked()).toBe(true);
      condition.release();
      expect(lock.locked()).toBe(false);
    }
    expect(condition.withSync(() => [lock.locked(), condition.abandoned])).toEqual([true, false]);
    for (const guard of [await condition.guard(), undefined]) {
      const held = guard ?? condition.guardSync();
      expect(lock.locked()).toBe(true);
      held.release();
      expect(lock.locked()).toBe(false);
    }
    await lock.acquire();
    expect(await condition.acquire({ timeout: 1 })).toBe(false);
    await expectFailure(() => condition.with(() => 1, { timeout: 1 }), TimeoutError, 'ERR_PROCLOOM_TIMEOUT');
    lock.release();
  });

  test('10 000 waits of one thread', async () => {
    using condition = make();
    const waits: Promise<boolean>[] = [];
    while (waits.length < 10_000) waits.push(...(await waiting(condition)));
    await condition.with(() => condition.notify(4_000));
    expect((await Promise.all(waits.slice(0, 4_000))).every(Boolean)).toBe(true);
    await condition.with(() => condition.notifyAll());
    expect((await Promise.all(waits)).every(Boolean)).toBe(true);
  });

  describe('a blocked wait beside awaited ones of its thread', () => {
    test('takes what comes while it blocks; they take the next', async () => {
      using condition = make();
      const [awaited] = await waiting(condition);
      using waits = new Value('?', false, { lock: false });
      const thread = startThread('notifyWhen', condition, waits);
      const result = condition.withSync(() => {
        waits.value = true;
        return condition.waitSync();
      });
      expect(result).toBe(true);
      await thread.ended;
      expect(await Promise.race([awaited, sleep(5, 'still waiting')])).toBe('still waiting');
      condition.withSync(() => condition.notify());
      expect(await awaited).toBe(true);
    });

    test('leaves them what came before', async () => {
      using condition = make();
      using told = new Queue<string>();
      const [awaited] = await waiting(condition);
      const thread = startThread('notifyOnce', condition, told);
      expect(told.getSync()).toBe('notified');
      expect(condition.withSync(() => condition.waitSync({ timeout: 80 }))).toBe(false);
      expect(await awaited).toBe(true);
      await thread.ended;
    });
  });
});

test('more processes and threads wait than can', async () => {
  const name = `full-${process.pid}`;
  using condition = new Condition(undefined, { name });
  using lock = new Lock({ name: `${name}.lock` });
  using told = new Queue<string>();
  using end = new Queue<string>();
  const thread = startThread('holdAWhile', lock, told, end);
  expect(await told.get()).toBe('held');
  // docs/internals/layouts.md: all cells are the thread's, which lives.
  const [file, lockFile] = [condition, lock].map((object) => openSync(`${native.directory}/n.${object.name}`, 'r+'));
  const token = Buffer.alloc(4);
  readSync(lockFile!, token, 0, 4, 128 + 16);
  for (let i = 0; i < 120; i++) {
    const cell = Buffer.alloc(16);
    cell.writeUInt32LE(token.readUInt32LE() & 0x1fffffff, 0);
    cell.writeUInt32LE(1, 12);
    writeSync(file!, cell, 0, 16, 128 + 16 + 56 + i * 16);
  }
  for (const descriptor of [file, lockFile]) closeSync(descriptor!);
  await condition.with(async () => {
    const failure = await expectFailure(() => condition.wait(), SegmentError, 'ERR_PROCLOOM_SEGMENT_LIMIT');
    expect(failure.message).toMatch(
      /condition\.wait\(\): 120 processes and threads wait on this condition, and no more/,
    );
    await expectFailure(() => condition.waitSync(), SegmentError, 'ERR_PROCLOOM_SEGMENT_LIMIT');
    expect(condition.lock.locked()).toBe(true);
  });
  end.putSync('end');
  await thread.ended;
  const [wait] = await waiting(condition, { timeout: 1 });
  expect(await wait, 'the cells of the dead are free again').toBe(false);
  for (const object of [condition, lock]) object.unlink();
});
