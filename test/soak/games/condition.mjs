// Condition: tokens that are made and taken under its lock. A token never lies there while somebody sleeps who was not
// told of it; and no more are told than notify() was asked for.
import { Condition, Lock, RawArray } from 'procloom';

import { ENDING, LANES, SLOTS, sum, WORKING } from '../ledger.mjs';

const MOST_TOKENS = 100;

export function make(random) {
  const lock = random.chance(0.5) ? new Lock() : undefined;
  const [waiting, told, asked] = [1, 2, 3].map(() => RawArray('i', SLOTS * LANES));
  return { condition: new Condition(lock), lock, tokens: RawArray('i', 1), waiting, told, asked };
}

/** Whoever has the lock from a dead one does what that one may have left undone. */
function mend(shared, party, lane) {
  if (!shared.condition.abandoned) return;
  party.tally('steals');
  notify(shared, lane, Infinity);
}

function notify({ condition, waiting, asked }, lane, n) {
  const most = Math.min(n, sum([...waiting.view]));
  asked.view[lane] += most;
  if (n === Infinity) condition.notifyAll();
  else condition.notify(n);
}

function produce(shared, party, lane) {
  mend(shared, party, lane);
  if (shared.tokens.view[0] >= MOST_TOKENS || party.stage !== WORKING) return;
  const n = party.random.between(1, 3);
  shared.tokens.view[0] += n;
  notify(shared, lane, party.random.chance(0.05) ? Infinity : n);
}

/** Before and after each sleep, with the lock. */
function sleeps({ waiting }, lane) {
  waiting.view[lane] = 1;
}

function awake(shared, party, lane, notified) {
  shared.waiting.view[lane] = 0;
  if (notified) shared.told.view[lane]++;
  mend(shared, party, lane);
}

const mustWait = ({ tokens }, party) => tokens.view[0] === 0 && party.stage !== ENDING;

function take({ tokens }, party) {
  if (tokens.view[0] < 0) party.violation(`there are ${tokens.view[0]} tokens`);
  if (tokens.view[0] > 0) tokens.view[0]--;
}

function consumeSync(shared, party, lane, options) {
  const { condition } = shared;
  condition.acquireSync();
  mend(shared, party, lane);
  while (mustWait(shared, party)) {
    sleeps(shared, lane);
    const notified = condition.waitSync(options?.());
    awake(shared, party, lane, notified);
    if (!notified && options === undefined) party.violation('a wait for a condition without a timeout gave false');
    if (!notified) break;
  }
  take(shared, party);
  condition.release();
}

const consume = (shared, party, lane, options) =>
  shared.condition.with(async () => {
    mend(shared, party, lane);
    while (mustWait(shared, party)) {
      const given = options?.();
      sleeps(shared, lane);
      let notified = false;
      try {
        notified = await shared.condition.wait(given);
        if (!notified && given?.timeout === undefined) party.violation(`condition.wait() gave ${notified}`);
      } catch (error) {
        if (given?.signal === undefined || error !== given.signal.reason) throw error;
        party.tally('aborts');
      }
      awake(shared, party, lane, notified);
      if (!notified) break;
    }
    take(shared, party);
  });

export function operations(shared, party) {
  const { condition } = shared;
  const kind = 'condition';
  const timed = () => ({ timeout: party.random.next() * 20 });
  const signal = () => ({ signal: AbortSignal.timeout(party.random.between(0, 20)) });
  const makeSync = (lane) => condition.withSync(() => produce(shared, party, lane));
  const makeLater = (lane) => condition.with(() => produce(shared, party, lane));
  return [
    { kind, name: 'condition.waitSync', how: 'blocking', run: (lane) => consumeSync(shared, party, lane) },
    {
      kind,
      name: 'condition.waitSync, timed',
      how: 'blocking',
      run: (lane) => consumeSync(shared, party, lane, timed),
    },
    { kind, name: 'condition.notify', how: 'blocking', run: makeSync },
    { kind, name: 'condition.wait', how: 'awaited', run: (lane) => consume(shared, party, lane) },
    { kind, name: 'condition.wait, timed', how: 'awaited', run: (lane) => consume(shared, party, lane, timed) },
    {
      kind,
      name: 'condition.wait, with a signal',
      how: 'awaited',
      run: (lane) => consume(shared, party, lane, signal),
    },
    { kind, name: 'condition.notify', how: 'awaited', run: makeLater },
  ];
}

/** The director takes it now and then, as one whose owner died is mended only by the next. */
export function drive(shared, party) {
  return shared.condition.with(() => produce(shared, party, party.lanes[0]));
}

export function died({ waiting }, dead) {
  for (const lane of dead) waiting.view[lane] = 0;
}

/** Whether all that can be told were told, when nobody makes tokens any more; else what is wrong. */
export function unsettled(shared, party) {
  return shared.condition.with(() => {
    mend(shared, party, party.lanes[0]);
    const waiting = sum([...shared.waiting.view]);
    const tokens = shared.tokens.view[0];
    return tokens > 0 && waiting > 0 ? `${tokens} tokens are there, and ${waiting} sleep` : undefined;
  });
}

export function letGo(shared, party) {
  return shared.condition.with(() => notify(shared, party.lanes[0], Infinity));
}

export function check({ told, asked }, { deaths, expect }) {
  const [were, most] = [sum([...told.view]), sum([...asked.view])];
  expect(were <= most + deaths, `${were} were told where ${most} were to be`);
}

export function close({ condition, lock, tokens, waiting, told, asked }) {
  for (const object of [condition, lock, tokens, waiting, told, asked]) object?.close();
}
