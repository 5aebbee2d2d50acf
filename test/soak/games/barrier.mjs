// Barrier: of all that meet, each has an index of its own; a meeting to which one does not come any more breaks for all.
import { Barrier, BrokenBarrierError, RawArray } from 'procloom';

import { now, SLOTS, sum } from '../ledger.mjs';

const PARTIES = 3;
/** Whoever waits for longer waits for parties that wait elsewhere. */
const PATIENCE_MS = 400;

const [MEETINGS] = [0];

/** What the action counts in: it is called without arguments, by a thread that takes part in the round. */
let counters;

/** The action. */
export function meet() {
  const n = Atomics.add(counters.view, MEETINGS, 1);
  if (n % 50 === 49) throw new Error('the action of every 50th meeting fails');
}

export function make() {
  const meetings = RawArray('i', 1);
  return {
    barrier: new Barrier(PARTIES, { action: meet }),
    meetings,
    passed: RawArray('i', SLOTS * PARTIES),
  };
}

function outcome(shared, party, error) {
  if (error instanceof BrokenBarrierError) {
    party.tally('brokenBarriers');
    // Everybody may: a reset() of one that is not broken would break it for those who wait.
    if (shared.barrier.broken) shared.barrier.reset();
  } else if (!error.message.startsWith('the action of every')) {
    throw error;
  }
}

function passed(shared, party, index) {
  if (!Number.isInteger(index) || index < 0 || index >= PARTIES) party.violation(`barrier.wait() gave ${index}`);
  shared.passed.view[party.slot * PARTIES + index]++;
}

export function operations(shared, party) {
  const { barrier } = shared;
  counters = shared.meetings;
  const kind = 'barrier';
  const timed = () => ({ timeout: party.random.between(0, 100) });
  const blocking = (name, options) => ({
    kind,
    name,
    how: 'blocking',
    run() {
      try {
        passed(shared, party, barrier.waitSync(options?.()));
      } catch (error) {
        outcome(shared, party, error);
      }
    },
  });
  const awaited = (name, options) => ({
    kind,
    name,
    how: 'awaited',
    run: () =>
      barrier.wait(options?.()).then(
        (index) => passed(shared, party, index),
        (error) => outcome(shared, party, error),
      ),
  });
  return [
    blocking('barrier.waitSync'),
    blocking('barrier.waitSync, timed', timed),
    awaited('barrier.wait'),
    awaited('barrier.wait, timed', timed),
  ];
}

let since = 0;

/** Breaks what nobody comes to, and mends what is broken. */
export function drive({ barrier }) {
  if (barrier.broken) barrier.reset();
  if (barrier.nWaiting === 0) since = now();
  else if (now() - since > PATIENCE_MS) {
    barrier.abort();
    since = now();
  }
}

export function letGo({ barrier }) {
  barrier.abort();
}

export function check({ meetings, passed: counts }, { deaths, expect, lanes }) {
  const byIndex = Array.from({ length: PARTIES }, (_, index) =>
    sum([...counts.view].filter((_, i) => i % PARTIES === index)),
  );
  const [least, most] = [Math.min(...byIndex), Math.max(...byIndex)];
  expect(
    most <= meetings.view[MEETINGS],
    `${meetings.view[MEETINGS]} meetings, and by index passed ${byIndex.join(', ')}`,
  );
  expect(most - least <= deaths * lanes, `by index passed ${byIndex.join(', ')}, with ${deaths} dead`);
}

export function close({ barrier, meetings, passed: counts }) {
  for (const object of [barrier, meetings, counts]) object.close();
}
