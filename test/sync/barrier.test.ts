// Barrier: rounds, indices, and everything that breaks one, in one thread.
import { describe, expect, test } from 'vitest';

import { BrokenBarrierError, ClosedError } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { Barrier } from '../../lib/sync/barrier.js';
import { Event } from '../../lib/sync/event.js';
import { expectFailure, expectInvalid, failureOf } from '../memory/failures.js';
import { startThread } from './thread.js';

const BROKEN = 'ERR_PROCLOOM_BROKEN_BARRIER';

/** `code`, or what else a promise rejected with. */
async function outcomes(waits: Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(waits);
  return settled.map((one) =>
    one.status === 'fulfilled' ? one.value : ((one.reason as Error & { code?: string }).code ?? one.reason),
  );
}

const waiting = (barrier: Barrier, count: number) => Array.from({ length: count }, () => barrier.wait());

test('gives each the index of its arrival, round after round', async () => {
  using barrier = new Barrier(5);
  expect([barrier.parties, barrier.nWaiting, barrier.broken]).toEqual([5, 0, false]);
  for (let round = 0; round < 10; round++) {
    const waits = waiting(barrier, 4);
    expect(barrier.nWaiting).toBe(4);
    expect(await barrier.wait()).toBe(4);
    expect(barrier.nWaiting).toBe(0);
    expect(await Promise.all(waits)).toEqual([0, 1, 2, 3]);
  }
});

test('nobody passes before all have come', async () => {
  using barrier = new Barrier(3);
  let passed = 0;
  const waits = waiting(barrier, 2).map((wait) => wait.then(() => passed++));
  await new Promise((resolve) => setImmediate(resolve));
  expect(passed).toBe(0);
  await barrier.wait();
  await Promise.all(waits);
  expect(passed).toBe(2);
});

test('of one party is passed at once, awaited or blocking', async () => {
  using barrier = new Barrier(1);
  let turns = 0;
  const turn = setImmediate(function again() {
    turns++;
    setImmediate(again).unref();
  });
  for (let round = 0; round < 2_000; round++) expect(await barrier.wait({ timeout: 0 })).toBe(0);
  expect(turns, 'timers and I/O had their turns').toBeGreaterThan(0);
  clearImmediate(turn);
  for (let round = 0; round < 10; round++) expect(barrier.waitSync({ timeout: 0 })).toBe(0);
});

test('a blocking wait lets those of this thread go who have passed', async () => {
  using barrier = new Barrier(3);
  const waits: Promise<number>[] = [];
  for (let round = 0; round < 10; round++) {
    waits.push(barrier.wait(), barrier.wait());
    expect(barrier.waitSync()).toBe(2);
  }
  expect(await Promise.all(waits)).toEqual(Array.from({ length: 20 }, (_, i) => i % 2));
});

test('more wait than there are parties: the others are the next round', async () => {
  using barrier = new Barrier(2);
  const waits = waiting(barrier, 10);
  expect(await Promise.all(waits)).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
  expect(barrier.nWaiting).toBe(0);
});

test('10 000 meet', async () => {
  using barrier = new Barrier(10_000);
  expect(await Promise.all(waiting(barrier, 10_000))).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
});

describe('abort()', () => {
  test('breaks it for those who wait and those who come', async () => {
    using barrier = new Barrier(3);
    const waits = waiting(barrier, 2);
    barrier.abort();
    barrier.abort();
    expect(barrier.broken).toBe(true);
    expect(await outcomes(waits)).toEqual([BROKEN, BROKEN]);
    const failure = await expectFailure(() => barrier.wait(), BrokenBarrierError, BROKEN);
    expect(failure.message).toBe('barrier.wait(): the barrier is broken. reset() makes it usable again.');
    const blocking = await expectFailure(() => barrier.waitSync(), BrokenBarrierError, BROKEN);
    expect(blocking.message).toMatch(/^barrier\.waitSync\(\): the barrier is broken\./);
    expect(barrier.nWaiting).toBe(0);
  });

  test('lets those go who have passed', async () => {
    using barrier = new Barrier(3);
    const waits = waiting(barrier, 3);
    barrier.abort();
    expect(barrier.broken).toBe(true);
    expect(await outcomes([...waits, barrier.wait()])).toEqual([0, 1, 2, BROKEN]);
    expect(barrier.broken).toBe(true);
  });
});

describe('reset()', () => {
  test('sends those away who wait, and the barrier is usable', async () => {
    using barrier = new Barrier(3);
    const waits = waiting(barrier, 2);
    barrier.reset();
    expect([barrier.broken, barrier.nWaiting]).toEqual([false, 0]);
    const next = waiting(barrier, 3);
    expect(await outcomes(waits)).toEqual([BROKEN, BROKEN]);
    expect(await Promise.all(next)).toEqual([0, 1, 2]);
  });

  test('of one where nobody waits does nothing', async () => {
    using barrier = new Barrier(2);
    barrier.reset();
    expect(await Promise.all(waiting(barrier, 2))).toEqual([0, 1]);
  });

  test('mends a broken one, again and again', async () => {
    using barrier = new Barrier(2);
    for (let round = 0; round < 10; round++) {
      const wait = barrier.wait();
      barrier.abort();
      barrier.reset();
      expect(barrier.broken).toBe(false);
      expect(await outcomes([wait])).toEqual([BROKEN]);
      expect(await Promise.all(waiting(barrier, 2))).toEqual([0, 1]);
    }
  });
});

describe('a timeout', () => {
  test('breaks it, for all', async () => {
    using barrier = new Barrier(3);
    const begun = performance.now();
    const waits = [barrier.wait({ timeout: 30 }), barrier.wait()];
    expect(await outcomes(waits)).toEqual([BROKEN, BROKEN]);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(29);
    expect(barrier.broken).toBe(true);
  });

  test('of a blocking wait, too', async () => {
    using barrier = new Barrier(2);
    const wait = barrier.wait();
    wait.catch(() => {});
    barrier.reset();
    for (const timeout of [20, 0, -5]) {
      expect(() => barrier.waitSync({ timeout })).toThrow(BrokenBarrierError);
      expect(barrier.broken).toBe(true);
      barrier.reset();
    }
    expect(await outcomes([wait])).toEqual([BROKEN]);
  });

  test('of the barrier is that of waits that have none', async () => {
    using barrier = new Barrier(2, { timeout: 20 });
    expect(await outcomes([barrier.wait()])).toEqual([BROKEN]);
    barrier.reset();
    expect(() => barrier.waitSync()).toThrow(BrokenBarrierError);
    barrier.reset();
    expect(() => barrier.waitSync({})).toThrow(BrokenBarrierError);
    barrier.reset();
    const patient = barrier.wait({ timeout: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(barrier.broken).toBe(false);
    expect(barrier.waitSync({ timeout: Infinity })).toBe(1);
    expect(await patient).toBe(0);
  });

  test('of zero or less does not wait', async () => {
    using barrier = new Barrier(2);
    for (const timeout of [0, -1, -Infinity]) {
      expect(await outcomes([barrier.wait({ timeout })])).toEqual([BROKEN]);
      barrier.reset();
      const wait = barrier.wait();
      expect(await barrier.wait({ timeout })).toBe(1);
      expect(await wait).toBe(0);
    }
  });
});

describe('an AbortSignal', () => {
  test('breaks it for the others, and gives its reason', async () => {
    using barrier = new Barrier(3);
    const controller = new AbortController();
    const waits = [barrier.wait({ signal: controller.signal }), barrier.wait()];
    controller.abort('enough');
    expect(barrier.broken, 'at once').toBe(true);
    expect(await outcomes(waits)).toEqual(['enough', BROKEN]);
  });

  test('that is aborted already breaks nothing', async () => {
    using barrier = new Barrier(2);
    expect(await outcomes([barrier.wait({ signal: AbortSignal.abort('before') })])).toEqual(['before']);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  });

  test('of one that has passed breaks nothing', async () => {
    using barrier = new Barrier(2);
    const controller = new AbortController();
    const waits = [barrier.wait({ signal: controller.signal }), barrier.wait()];
    controller.abort('too late');
    expect(barrier.broken).toBe(false);
    expect(await outcomes(waits)).toEqual(['too late', 1]);
    expect(await Promise.all(waiting(barrier, 2))).toEqual([0, 1]);
  });
});

describe('close()', () => {
  test('ends the waits of its handle, which breaks the barrier for others', async () => {
    const barrier = new Barrier(4);
    using queue = new Queue<Barrier>();
    queue.putSync(barrier);
    using same = queue.getSync();
    const waits = [barrier.wait(), same.wait(), barrier.wait()];
    expect(same.nWaiting).toBe(3);
    barrier.close();
    expect(await outcomes(waits)).toEqual(['ERR_PROCLOOM_CLOSED', BROKEN, 'ERR_PROCLOOM_CLOSED']);
    expect(same.broken).toBe(true);
    same.reset();
    expect(await Promise.all(waiting(same, 4))).toEqual([0, 1, 2, 3]);
  });

  test('by the action', async () => {
    for (const wait of [(barrier: Barrier) => barrier.wait(), (barrier: Barrier) => barrier.waitSync()]) {
      const barrier: Barrier = new Barrier(1, { action: () => barrier.close() });
      expect(await failureOf(() => wait(barrier))).toBeInstanceOf(ClosedError);
    }
  });
});

describe('one of the round before has not left', () => {
  async function straggling<T>(run: (barrier: Barrier, leave: () => Promise<void>) => Promise<T>): Promise<void> {
    using barrier = new Barrier(2);
    using told = new Queue<unknown>();
    using go = new Event();
    const thread = startThread('straggle', barrier, told, go);
    expect(await told.get()).toBe('inside');
    expect(await barrier.wait()).toBe(1);
    const leave = async () => {
      go.set();
      expect(await told.get(), 'it has passed').toBe(0);
      await thread.ended;
    };
    await run(barrier, leave);
  }

  test('who comes waits for that', async () => {
    expect.hasAssertions();
    await straggling(async (barrier, leave) => {
      const waits = waiting(barrier, 4);
      expect(barrier.nWaiting).toBe(0);
      await leave();
      expect(await Promise.all(waits)).toEqual([0, 1, 0, 1]);
    });
  });

  test.each([0, 20])('a timeout of %i breaks the next round', async (timeout) => {
    expect.hasAssertions();
    await straggling(async (barrier, leave) => {
      const ended = outcomes(waiting(barrier, 2));
      if (timeout > 0) await expectFailure(() => barrier.wait({ timeout }), BrokenBarrierError, BROKEN);
      else await expectFailure(() => barrier.waitSync({ timeout }), BrokenBarrierError, BROKEN);
      expect(barrier.broken).toBe(true);
      expect(await ended).toEqual([BROKEN, BROKEN]);
      await leave();
      expect(barrier.broken).toBe(true);
    });
  });

  test('an aborted wait, and one whose handle is closed, breaks nothing', async () => {
    expect.hasAssertions();
    await straggling(async (barrier, leave) => {
      using queue = new Queue<Barrier>();
      queue.putSync(barrier);
      const same = queue.getSync();
      const controller = new AbortController();
      const ended = outcomes([barrier.wait({ signal: controller.signal }), barrier.wait(), same.wait()]);
      controller.abort('enough');
      same.close();
      expect(barrier.broken).toBe(false);
      await leave();
      expect(await barrier.wait()).toBe(1);
      expect(await ended).toEqual(['enough', 0, 'ERR_PROCLOOM_CLOSED']);
    });
  });
});

test('refuses what is wrong', async () => {
  expect.hasAssertions();
  for (const parties of [0, -1, 1.5, NaN, Infinity, 65_536]) {
    await expectInvalid(() => new Barrier(parties), RangeError, /parties must be an integer from 1 to 65535/);
  }
  for (const parties of [undefined, '2', null, {}] as never[]) {
    await expectInvalid(() => new Barrier(parties), TypeError, /parties must be an integer/);
  }
  for (const options of [null, 5, 'name'] as never[]) {
    await expectInvalid(() => new Barrier(2, options), TypeError, /options must be an object/);
  }
  await expectInvalid(() => new Barrier(2, { timeout: NaN }), RangeError, /timeout must be .* not NaN/);
  await expectInvalid(() => new Barrier(2, { timeout: '5' as never }), TypeError, /timeout must be a number/);
  await expectInvalid(() => new Barrier(2, { action: 5 as never }), TypeError, /action must be a function, 'file\.js#/);
  await expectInvalid(() => new Barrier(2, { action: '#x' }), TypeError, /action must be like 'file\.js#export'/);
  using barrier = new Barrier(2);
  for (const wait of [barrier.wait.bind(barrier), barrier.waitSync.bind(barrier)]) {
    await expectInvalid(() => wait({ timeout: NaN }), RangeError, /timeout must be .* not NaN/);
    await expectInvalid(() => wait(5 as never), TypeError, /options must be an object/);
  }
  await expectInvalid(() => barrier.wait({ signal: {} as never }), TypeError, /signal must be an AbortSignal/);
  expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
});
