// Semaphore: never more inside than permits. A permit is lost only with one that died between two of its steps; an owned
// one never is.
import { setTimeout as sleep } from 'node:timers/promises';
import { RawArray, Semaphore } from 'procloom';

import { LANES, SLOTS } from '../ledger.mjs';

const PERMITS = 2;
const [OUTSIDE, TAKING, INSIDE, GIVING] = [0, 1, 2, 3];
const [MOST, UNSURE, GIVEN] = [0, 1, 2];

/** What a lane writes: its party's incarnation, and what it does. */
const STATES = 4;

function makeOne(owned) {
  const words = RawArray('i', 3);
  words.view[MOST] = PERMITS;
  const [lanes, turns] = [RawArray('i', SLOTS * LANES), RawArray('i', SLOTS * LANES)];
  return { owned, semaphore: new Semaphore(PERMITS, { owned }), words, lanes, turns };
}

export function make() {
  return { semaphore: makeOne(false), owned: makeOne(true) };
}

function begin({ lanes, turns }, party, lane, state) {
  Atomics.add(turns.view, lane, 1);
  Atomics.store(lanes.view, lane, party.incarnation * STATES + state);
}

function enter(one, party, lane) {
  begin(one, party, lane, INSIDE);
  let [inside, most] = look(one, party);
  // While it was looked, one may have left and another come in: it is too many only if nobody moved meanwhile.
  while (inside > most) {
    const before = turnsOf(one);
    [inside, most] = look(one, party);
    if (turnsOf(one) !== before || inside <= most) continue;
    party.violation(`${inside} are inside a semaphore of ${most}${one.owned ? ', owned' : ''}`);
    return;
  }
}

const turnsOf = ({ turns }) => turns.view.map((_, i, view) => Atomics.load(view, i)).join();

function look({ lanes, words }, party) {
  let inside = 0;
  lanes.view.forEach((_, i, view) => {
    const written = Atomics.load(view, i);
    // A dead one's owned permit is had by another before the director comes to know of the death.
    const isDead = party.isOver(Math.floor(i / LANES), Math.floor(written / STATES));
    if (written % STATES === INSIDE && !isDead) inside++;
  });
  // Read afterwards: it only grows.
  return [inside, Atomics.load(words.view, MOST)];
}

function leave(one, party, lane) {
  begin(one, party, lane, GIVING);
  one.semaphore.release();
  begin(one, party, lane, OUTSIDE);
}

function passSync(shared, party, lane, take) {
  begin(shared, party, lane, TAKING);
  if (!take(shared.semaphore)) return begin(shared, party, lane, OUTSIDE);
  enter(shared, party, lane);
  return leave(shared, party, lane);
}

async function pass(shared, party, lane, take) {
  begin(shared, party, lane, TAKING);
  if (!(await take(shared.semaphore))) return begin(shared, party, lane, OUTSIDE);
  enter(shared, party, lane);
  if (party.random.chance(0.5)) await sleep(party.random.between(0, 3));
  return leave(shared, party, lane);
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

function operationsOf(name, shared, party) {
  const kind = 'semaphore';
  const timeout = () => ({ timeout: party.random.next() * 5 });
  const list = [];
  const blocking = (verb, take) =>
    list.push({ kind, name: `${name}.${verb}`, how: 'blocking', run: (lane) => passSync(shared, party, lane, take) });
  const awaited = (verb, take) =>
    list.push({ kind, name: `${name}.${verb}`, how: 'awaited', run: (lane) => pass(shared, party, lane, take) });
  blocking('acquireSync', (it) => it.acquireSync());
  blocking('acquireSync, timed', (it) => it.acquireSync(timeout()));
  blocking('tryAcquire', (it) => it.tryAcquire());
  awaited('acquire', (it) => it.acquire());
  awaited('acquire, timed', (it) => it.acquire(timeout()));
  awaited('acquire, with a signal', (it) => unlessAborted(it, party));
  return list;
}

export const operations = (shared, party) =>
  Object.entries(shared).flatMap(([name, one]) => operationsOf(name, one, party));

/** What the dead surely held is given back for them; of what they were taking or giving nobody can know. */
export function died(shared, dead) {
  for (const { owned, semaphore, words, lanes } of Object.values(shared)) {
    for (const lane of dead) {
      const state = Atomics.exchange(lanes.view, lane, OUTSIDE) % STATES;
      if (owned) continue;
      if (state === INSIDE) semaphore.release();
      else if (state !== OUTSIDE) words.view[UNSURE]++;
    }
  }
}

/** Permits may be lost by now: more come, so that whoever waits for one gets it. */
export function beginEnd({ semaphore: { semaphore, words } }) {
  const more = SLOTS * LANES;
  Atomics.add(words.view, MOST, more);
  words.view[GIVEN] += more;
  semaphore.release(more);
}

export function check(shared, { expect }) {
  for (const [name, { semaphore, words }] of Object.entries(shared)) {
    const [, unsure, given] = words.view;
    const value = semaphore.getValue() - given;
    const isRight = value <= PERMITS && value >= PERMITS - unsure;
    expect(isRight, `${name}: of ${PERMITS} permits ${value} are left, where ${unsure} may be lost`);
  }
}

export function close(shared) {
  for (const { semaphore, words, lanes, turns } of Object.values(shared)) {
    for (const object of [semaphore, words, lanes, turns]) object.close();
  }
}
