// The action of a barrier: given in every form in which a target can be, run by the last one to arrive, wherever that is.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

import { BrokenBarrierError, SerializeError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { Barrier } from '../../lib/sync/barrier.js';
import { inline } from '../../lib/target/inline.js';
import type { Target } from '../../lib/target/target.js';
import { expectFailure, expectInvalid, failureOf } from '../memory/failures.js';
import { fixture, startThread } from './thread.js';

const file = fileURLToPath(new URL('../fixtures/sync/actions.mjs', import.meta.url));
const awaiting = file.replace('actions', 'actions-awaiting');
// As Node loads it: vitest's own functions are found by nobody else.
const { act, Actions, actLater } = createRequire(import.meta.url)(file) as {
  act(): void;
  Actions: { act(): void };
  actLater(): Promise<void>;
};
const shared = globalThis as { acted?: Queue<unknown> | undefined };

afterEach(() => {
  delete shared.acted;
});

describe('in this thread', () => {
  test('any function will do; it runs once a round, before anybody passes', async () => {
    const log: string[] = [];
    using barrier = new Barrier(3, { action: () => void log.push('action') });
    for (let round = 0; round < 3; round++) {
      const waits = [1, 2].map(() => barrier.wait().then(() => log.push('passed')));
      expect(log).toEqual([]);
      expect(await barrier.wait()).toBe(2);
      await Promise.all(waits);
      expect(log.splice(0)).toEqual(['action', 'passed', 'passed']);
      const wait = barrier.wait();
      const other = barrier.wait();
      expect(barrier.waitSync()).toBe(2);
      expect(log.splice(0)).toEqual(['action']);
      expect(await Promise.all([wait, other])).toEqual([0, 1]);
    }
  });

  test('is awaited', async () => {
    let done = false;
    const action = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      done = true;
    };
    using barrier = new Barrier(2, { action });
    const first = barrier.wait().then(() => done);
    const second = barrier.wait().then(() => done);
    expect(barrier.nWaiting).toBe(2);
    expect(await Promise.all([first, second])).toEqual([true, true]);
  });

  test('also of the next round, whose parties were waiting to arrive', async () => {
    let runs = 0;
    using barrier = new Barrier(2, { action: () => runs++ });
    expect(await Promise.all([1, 2, 3, 4].map(() => barrier.wait()))).toEqual([0, 1, 0, 1]);
    expect(runs).toBe(2);
  });

  test('that throws breaks the barrier: its runner gets the error', async () => {
    const action = () => {
      throw new Error('on purpose');
    };
    using barrier = new Barrier(2, { action });
    for (const wait of [() => barrier.wait(), () => barrier.waitSync()]) {
      const first = barrier.wait();
      expect((await failureOf(wait)).message).toBe('on purpose');
      expect(barrier.broken).toBe(true);
      expect(await failureOf(() => first)).toBeInstanceOf(BrokenBarrierError);
      barrier.reset();
      expect(barrier.broken).toBe(false);
    }
  });

  test('that is done when the barrier was broken meanwhile', async () => {
    for (const breakIt of ['abort', 'reset'] as const) {
      using barrier: Barrier = new Barrier(2, { action: () => barrier[breakIt]() });
      const settled = await Promise.allSettled([barrier.wait(), barrier.wait()]);
      for (const one of settled) expect((one as PromiseRejectedResult).reason).toBeInstanceOf(BrokenBarrierError);
      expect(barrier.broken).toBe(breakIt === 'abort');
    }
  });

  test('must be there at once where it blocks', async () => {
    using barrier = new Barrier(1, { action: async () => {} });
    await expectInvalid(() => barrier.waitSync(), TypeError, /action must not return a promise where a waitSync/);
    expect(barrier.broken).toBe(true);
  });
});

describe('given as', () => {
  const forms: [string, Target<[]>, unknown][] = [
    ['a function', act, 'acted'],
    ['a file', file, 'acted'],
    ["'file.js#export'", `${file}#act`, 'acted'],
    ['a file relative to the caller', '../fixtures/sync/actions.mjs#act', 'acted'],
    ['{ module, export }', { module: new URL(`file://${file}`), export: 'act' }, 'acted'],
    ['a static method', `${file}#Actions.act`, true],
    ['a static method itself', Actions.act, true],
    [
      'source',
      inline(() => {
        (globalThis as { acted?: Queue<unknown> }).acted!.putSync('inline');
      }),
      'inline',
    ],
  ];
  test.each(forms)('%s: here, in a process and in a thread', async (_form, action, expected) => {
    using acted = new Queue<unknown>();
    using told = new Queue<unknown>();
    shared.acted = acted;
    using barrier = new Barrier(2, { action });
    // 'Actions.act' itself is called without its class where it was given.
    const here = action === Actions.act ? false : expected;
    const first = barrier.wait();
    expect(barrier.waitSync()).toBe(1);
    expect([await first, acted.getSync()]).toEqual([0, here]);
    for (const job of ['meetSync', 'meet']) {
      const before = barrier.wait();
      const child = new Process({ target: fixture(job), args: [barrier, acted, told] }).start();
      expect([await before, await told.get(), acted.getSync()]).toEqual([0, 1, expected]);
      await child.join();
      const again = barrier.wait();
      const thread = startThread(job, barrier, acted, told);
      expect([await again, await told.get(), acted.getSync()]).toEqual([0, 1, expected]);
      await thread.ended;
    }
  });

  test('a function that is awaited, elsewhere', async () => {
    using acted = new Queue<unknown>();
    using told = new Queue<unknown>();
    using barrier = new Barrier(2, { action: actLater });
    const first = barrier.wait();
    const child = new Process({ target: fixture('meet'), args: [barrier, acted, told] }).start();
    expect([await first, await told.get(), acted.getSync()]).toEqual([0, 1, 'acted later']);
    await child.join();
  });

  test('a function that fails, elsewhere', async () => {
    using told = new Queue<unknown>();
    using barrier = new Barrier(2, { action: `${file}#fail` });
    for (const job of ['meetSync', 'meet']) {
      const first = barrier.wait();
      const child = new Process({ target: fixture(job), args: [barrier, undefined, told] }).start();
      expect(await failureOf(() => first)).toBeInstanceOf(BrokenBarrierError);
      expect(await told.get()).toBe('on purpose');
      expect(barrier.broken).toBe(true);
      await child.join();
      barrier.reset();
    }
  });

  test.each([
    ['an export that is not there', `${file}#none`, /the module has no such export.*It exports: /],
    ['no function', `${file}#notAFunction`, /that export is no function but number/],
    ['no function in a module that Node has', 'node:timers#none', /the module has no such export.*setImmediate/],
  ])('%s: told when it is to be run, awaited or blocking', async (_what, action, why) => {
    using barrier = new Barrier(1, { action });
    for (const wait of [() => barrier.wait(), () => barrier.waitSync()]) {
      const failure = await expectFailure(wait, SerializeError, 'ERR_PROCLOOM_TARGET');
      expect(failure.message).toMatch(why);
      expect(barrier.broken).toBe(true);
      barrier.reset();
    }
  });

  test('a function that nobody else could find: told when it is sent', async () => {
    using queue = new Queue<unknown>();
    using barrier = new Barrier(2, { action: () => {} });
    const failure = await expectFailure(
      () => queue.putSync({ here: [barrier] }),
      SerializeError,
      'ERR_PROCLOOM_TARGET',
    );
    expect(failure.message).toMatch(/export the function/);
    expect((failure as Error as SerializeError).path).toBe('here[0]');
    expect(queue.empty()).toBe(true);
  });
});

describe('from a module that must be waited for', () => {
  test('runs in a child that blocks: it was imported before', async () => {
    using acted = new Queue<unknown>();
    using told = new Queue<unknown>();
    using barrier = new Barrier(2, { action: `${awaiting}#act` });
    const first = barrier.wait();
    const child = new Process({ target: fixture('meetSync'), args: [barrier, acted, told] }).start();
    expect([await first, await told.get(), acted.getSync()]).toEqual([0, 1, 'acted']);
    await child.join();
  });

  test.each([
    ['top-level await', `${awaiting}#act`],
    ['a URL', { module: 'data:text/javascript,export const act = () => globalThis.acted.putSync(1);', export: 'act' }],
  ])('%s: runs where it is awaited, and from then on where it blocks', async (_why, action) => {
    using acted = new Queue<unknown>();
    shared.acted = acted;
    using barrier = new Barrier(1, { action });
    const failure = await expectFailure(() => barrier.waitSync(), SerializeError, 'ERR_PROCLOOM_TARGET');
    expect(failure.message).toMatch(/must be waited for.*Use the awaited twin/);
    barrier.reset();
    expect(await barrier.wait()).toBe(0);
    expect(barrier.waitSync()).toBe(0);
    expect(acted.qsize()).toBe(2);
  });
});
