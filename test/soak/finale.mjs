// The end of a round, in which everybody is known to do the same, so that numbers are exact, with deaths and all:
//
//   1. All wait for a condition. One is notified; two are while one who waits is killed; at last the others are.
//   2. All wait at a barrier to which one too few come. One is killed: all others are told that it is broken.
//   3. All wait at a barrier of as many as are left. Each gets an index of its own.
import { Barrier, BrokenBarrierError, Condition, Queue, RawArray } from 'procloom';

import { SLOTS, sum } from './ledger.mjs';

export function makeFinale() {
  return {
    condition: new Condition(),
    waiting: RawArray('i', SLOTS),
    told: RawArray('i', SLOTS),
    // The director does not come.
    barrier: new Barrier(SLOTS),
    broken: RawArray('i', SLOTS),
    /** The barrier of all that are left. */
    last: new Queue(),
    index: RawArray('i', SLOTS),
  };
}

export function closeFinale({ condition, waiting, told, barrier, broken, last, index }) {
  for (const object of [condition, waiting, told, barrier, broken, last, index]) object.close();
}

function waitSync({ condition, waiting, told }, { slot }) {
  condition.acquireSync();
  waiting.view[slot] = 1;
  const notified = condition.waitSync();
  waiting.view[slot] = 0;
  told.view[slot] += Number(notified);
  condition.release();
}

const wait = ({ condition, waiting, told }, { slot }) =>
  condition.with(async () => {
    waiting.view[slot] = 1;
    const notified = await condition.wait();
    waiting.view[slot] = 0;
    told.view[slot] += Number(notified);
  });

/** What a party does. */
export async function takePart(finale, party) {
  const { barrier, broken, last, index } = finale;
  const blocking = party.random.chance(0.5);
  if (blocking) waitSync(finale, party);
  else await wait(finale, party);
  try {
    if (blocking) barrier.waitSync();
    else await barrier.wait();
    party.violation('a barrier let its parties pass, to which one did not come');
  } catch (error) {
    if (!(error instanceof BrokenBarrierError)) throw error;
    broken.view[party.slot] = 1;
  }
  const meeting = await last.get();
  index.view[party.slot] = 1 + (blocking ? meeting.waitSync() : await meeting.wait());
  meeting.close();
}

/**
 * What the director does.
 *
 * @param until waits until something is so, and watches meanwhile that nobody hangs
 * @param killProcess kills a process that lives, and gives its slots
 */
export async function direct(finale, { until, killProcess, living, expect }) {
  const { condition, waiting, told, barrier, broken, last } = finale;
  const count = ({ view }) => sum([...view]);
  const all = living().length;
  await until('all wait for the condition of the finale', () => count(waiting) === all);
  await condition.with(() => condition.notify());
  await until('one is told', () => count(told) === 1);
  const killed = await condition.with(async () => {
    condition.notify(2);
    // Perhaps of one that was told just now, and cannot go on, as the lock is held here.
    return killProcess((slot) => waiting.view[slot] === 1);
  });
  for (const slot of killed) waiting.view[slot] = 0;
  const rest = all - killed.length;
  await until('two more are told, though one that waited was killed', () => count(told) >= Math.min(3, rest));
  expect(count(told) === Math.min(3, rest), `${count(told)} were told, and 3 were to be`);
  await condition.with(() => {
    expect(count(waiting) === Math.max(0, rest - 3), `${count(waiting)} wait of ${rest}, 3 of whom were told`);
    condition.notifyAll();
  });
  await until('all are told', () => count(told) === rest);

  await until('all wait at the barrier of the finale', () => barrier.nWaiting === rest);
  const dead = await killProcess(() => true);
  const left = rest - dead.length;
  await until('the barrier breaks for all others', () => count(broken) === left);
  expect(barrier.broken, 'a barrier is broken when one of its parties was killed');

  const meeting = new Barrier(left);
  for (let i = 0; i < left; i++) last.putSync(meeting);
  meeting.close();
}

/** When all have ended. */
export function checkFinale({ index }, { living, expect }) {
  const indexes = living().map((slot) => index.view[slot] - 1);
  const whole = [...indexes].sort((a, b) => a - b).every((found, i) => found === i);
  expect(whole, `at the last barrier the indexes were ${indexes.join(', ')}`);
}
