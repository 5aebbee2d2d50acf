// Semaphore: never more inside than permits, and a permit is lost only with one that died between two of its steps.
import { setTimeout as sleep } from 'node:timers/promises';
import { RawArray, Semaphore } from 'procloom';

import { LANES, SLOTS } from '../ledger.mjs';

const PERMITS = 2;
const [OUTSIDE, TAKING, INSIDE, GIVING] = [0, 1, 2, 3];
const [MOST, UNSURE, GIVEN] = [0, 1, 2];

export function make() {
  const words = RawArray('i', 3);
  words.view[MOST] = PERMITS;
  return { semaphore: new Semaphore(PERMITS), words, lanes: RawArray('i', SLOTS * LANES) };
}

function enter({ words, lanes }, party, lane) {
  Atomics.store(lanes.view, lane, INSIDE);
  let inside = 0;
  for (let i = 0; i < lanes.length; i++) if (Atomics.load(lanes.view, i) === INSIDE) inside++;
  // Read afterwards: it only grows.
  const most = Atomics.load(words.view, MOST);
  if (inside > most) party.violation(`${inside} are inside a semaphore of ${most}`);
}

function leave({ semaphore, lanes }, lane) {
  Atomics.store(lanes.view, lane, GIVING);
  semaphore.release();
  Atomics.store(lanes.view, lane, OUTSIDE);
}

function passSync(shared, party, lane, take) {
  Atomics.store(shared.lanes.view, lane, TAKING);
  if (!take(shared.semaphore)) return Atomics.store(shared.lanes.view, lane, OUTSIDE);
  enter(shared, party, lane);
  return leave(shared, lane);
}

async function pass(shared, party, lane, take) {
  Atomics.store(shared.lanes.view, lane, TAKING);
  if (!(await take(shared.semaphore))) return Atomics.store(shared.lanes.view, lane, OUTSIDE);
  enter(shared, party, lane);
  if (party.random.chance(0.5)) await sleep(party.random.between(0, 3));
  return leave(shared, lane);
}

async function unlessAborted(semaphore, party) {
  const signal = AbortSignal.timeout(party.random.between(0, 5));
  try {
    return await semaphore.acquire({ signal });
  } catch (error) {
    if (error !== signal.reason) throw error;
    party.tally('aborts');
    return false;
  }
}

export function operations(shared, party) {
  const kind = 'semaphore';
  const timeout = () => ({ timeout: party.random.next() * 5 });
  const blocking = (name, take) => ({
    kind,
    name,
    how: 'blocking',
    run: (lane) => passSync(shared, party, lane, take),
  });
  const awaited = (name, take) => ({ kind, name, how: 'awaited', run: (lane) => pass(shared, party, lane, take) });
  return [
    blocking('semaphore.acquireSync', (it) => it.acquireSync()),
    blocking('semaphore.acquireSync, timed', (it) => it.acquireSync(timeout())),
    blocking('semaphore.tryAcquire', (it) => it.tryAcquire()),
    awaited('semaphore.acquire', (it) => it.acquire()),
    awaited('semaphore.acquire, timed', (it) => it.acquire(timeout())),
    awaited('semaphore.acquire, with a signal', (it) => unlessAborted(it, party)),
  ];
}

/** What the dead surely held is given back for them; of what they were taking or giving nobody can know. */
export function died({ semaphore, words, lanes }, dead) {
  for (const lane of dead) {
    const state = Atomics.exchange(lanes.view, lane, OUTSIDE);
    if (state === INSIDE) semaphore.release();
    else if (state !== OUTSIDE) words.view[UNSURE]++;
  }
}

export function beginEnd({ semaphore, words }) {
  const more = SLOTS * LANES;
  Atomics.add(words.view, MOST, more);
  words.view[GIVEN] += more;
  semaphore.release(more);
}

export function check({ semaphore, words }, { expect }) {
  const [, unsure, given] = words.view;
  const value = semaphore.getValue() - given;
  expect(
    value <= PERMITS && value >= PERMITS - unsure,
    `a semaphore of ${PERMITS} ends with ${value}, where ${unsure} may be lost`,
  );
}

export function close({ semaphore, words, lanes }) {
  for (const object of [semaphore, words, lanes]) object.close();
}
