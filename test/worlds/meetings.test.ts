// Events and barriers between several processes, and between several threads, blocking, awaited and mixed.
import { describe, expect, test } from 'vitest';

import { Queue } from '../../lib/queue/queue.js';
import { SharedArray } from '../../lib/sharedtypes/array.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Barrier } from '../../lib/sync/barrier.js';
import { Event } from '../../lib/sync/event.js';
import { worlds } from './world.js';

const PARTIES = 5;
const BROKEN = 'ERR_PROCLOOM_BROKEN_BARRIER';
const action = { module: new URL('../fixtures/worlds/actions.mjs', import.meta.url), export: 'countRound' };

/** Which of the twins each of five uses. */
const mixtures: [string, string[]][] = [
  ['blocking', Array<string>(PARTIES).fill('blocking')],
  ['awaited', Array<string>(PARTIES).fill('awaited')],
  ['mixed', ['blocking', 'awaited', 'blocking', 'awaited', 'awaited']],
];

describe.each(worlds)('%s', (_world, start) => {
  describe.each(mixtures)('%s', (_mixture, twins) => {
    test.each([10, 1000])('%i rounds in step', async (rounds) => {
      using barrier = new Barrier(PARTIES);
      using reached = new SharedArray('i', PARTIES, { lock: false });
      using indices = new SharedArray('i', PARTIES, { lock: false });
      const job = (how: string) => (how === 'blocking' ? 'meetSync' : 'meet');
      await Promise.all(twins.map((how, me) => start(job(how), barrier, rounds, me, reached, indices)));
      expect(indices.toArray()).toEqual(Array<number>(PARTIES).fill(rounds));
      expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
    });

    test('the action runs once a round, between the last to come and the first to pass', async () => {
      using barrier = new Barrier(PARTIES, { action });
      using count = new Value('i', 0);
      using reached = new Value('i', 0);
      await Promise.all(twins.map((how) => start('meetCounting', barrier, 100, how, count, reached)));
      expect([count.value, reached.value]).toEqual([100, 500]);
    });

    test('abort(), reset() and a timeout break it for all, reset() mends it', async () => {
      using barrier = new Barrier(PARTIES + 1);
      using told = new Queue<unknown>();
      const orders = twins.map(() => new Queue<boolean>());
      const parties = twins.map((how, n) => start('meetOnOrder', barrier, how, orders[n], told));
      const comeIn = async (count: number) => {
        for (const order of orders.slice(0, count)) order.putSync(true);
        while (barrier.nWaiting < count) await new Promise((resolve) => setTimeout(resolve, 1));
      };
      const outcomes = async (count: number) => {
        const all: unknown[] = [];
        while (all.length < count) all.push(await told.get());
        return all.sort();
      };
      for (const breakIt of ['abort', 'reset', 'timeout'] as const) {
        const count = breakIt === 'timeout' ? PARTIES - 1 : PARTIES;
        await comeIn(count);
        if (breakIt === 'timeout') await expect(barrier.wait({ timeout: 1 })).rejects.toThrow('the barrier is broken');
        else barrier[breakIt]();
        expect(barrier.broken).toBe(breakIt !== 'reset');
        expect(await outcomes(count)).toEqual(Array<string>(count).fill(BROKEN));
        barrier.reset();
        await comeIn(PARTIES);
        expect(await barrier.wait()).toBe(PARTIES);
        expect(await outcomes(PARTIES)).toEqual([0, 1, 2, 3, 4]);
      }
      for (const order of orders) order.putSync(false);
      await Promise.all(parties);
      for (const order of orders) order.close();
    });
  });

  test('events hand a turn round, blocking and awaited', async () => {
    const events = [0, 1, 2].map(() => new Event());
    using log = new Queue<number>();
    const runners = ['turnSync', 'turn', 'turnSync'].map((job, n) => start(job, events, n, log, 300));
    events[0]!.set();
    await Promise.all(runners);
    for (let i = 0; i < 900; i++) expect(log.getSync()).toBe(i % 3);
    for (const event of events) event.close();
  });
});
