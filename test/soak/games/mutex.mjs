// Lock, RLock and the lock of a Value: two words that are equal outside of the lock, and the stamp of who is inside.
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Lock, OwnerDiedError, RawArray, RLock, TimeoutError, Value } from 'procloom';

import { LANES, slotOf, SLOTS, sum } from '../ledger.mjs';

const [FIRST, SECOND, STAMP, STEALS] = [0, 1, 2, 3];

const guarded = (lock, more) => ({ lock, words: RawArray('i', 4), done: RawArray('i', SLOTS * LANES), ...more });

export function make() {
  const value = new Value('i');
  return {
    lock: guarded(new Lock()),
    throwing: guarded(new Lock({ onOwnerDeath: 'throw' })),
    rlock: guarded(new RLock()),
    value: guarded(value.getLock(), {
      value,
      added: new Value('q', 0n, { lock: false }),
      adds: RawArray('i', SLOTS * LANES),
      updates: RawArray('i', SLOTS * LANES),
    }),
  };
}

/** Whoever is inside writes one word, and then the other. */
function enter({ lock, words: { view } }, party, lane, abandoned) {
  const [first, second, stamp] = [FIRST, SECOND, STAMP].map((word) => Atomics.load(view, word));
  const seen = `${first}, ${second} and stamp ${stamp}`;
  const kind = lock.constructor.name;
  if (abandoned) {
    party.tally('steals');
    if (!party.anyCondemned) party.violation(`a ${kind} was abandoned, but nobody was killed: ${seen}`);
    if (stamp !== 0 && !party.isCondemned(stamp)) party.violation(`a ${kind} of a living owner was abandoned: ${seen}`);
    if (first !== second && first !== second + 1) party.violation(`words that no single death explains: ${seen}`);
    Atomics.add(view, STEALS, 1);
    Atomics.store(view, SECOND, first);
  } else if (stamp !== 0 || first !== second) {
    party.violation(`a ${kind} was taken with ${seen} inside`);
  }
  Atomics.store(view, STAMP, party.stamp(lane));
  Atomics.store(view, FIRST, first + 1);
  return first + 1;
}

function leave({ lock, words: { view }, done }, party, lane, entered) {
  const [first, second, stamp] = [FIRST, SECOND, STAMP].map((word) => Atomics.load(view, word));
  if (stamp !== party.stamp(lane) || first !== entered || second !== entered - 1) {
    const expected = `${entered}, ${entered - 1} and stamp ${party.stamp(lane)}`;
    party.violation(
      `inside a ${lock.constructor.name}: ${first}, ${second} and stamp ${stamp} in place of ${expected}`,
    );
  }
  Atomics.store(view, SECOND, second + 1);
  Atomics.add(done.view, lane, 1);
  Atomics.store(view, STAMP, 0);
}

function spin(random) {
  const until = performance.now() + (random.chance(0.02) ? 2 : random.next() * 0.05);
  while (performance.now() < until);
}

async function linger(random) {
  if (random.chance(0.5)) await turn();
  else if (random.chance(0.1)) await sleep(random.between(1, 3));
}

function insideSync(cell, party, lane, abandoned) {
  const entered = enter(cell, party, lane, abandoned);
  spin(party.random);
  leave(cell, party, lane, entered);
}

async function inside(cell, party, lane, abandoned) {
  const entered = enter(cell, party, lane, abandoned);
  await linger(party.random);
  leave(cell, party, lane, entered);
}

/** Nests, if the lock can: everything in it belongs to one who has it already. */
function nestSync(lock, party) {
  if (!(lock instanceof RLock) || !party.random.chance(0.5)) return;
  const { depth } = lock;
  lock.acquireSync();
  if (lock.depth !== depth + 1) party.violation(`nested once in depth ${depth}, an RLock has depth ${lock.depth}`);
  lock.release();
}

/** Takes by `take`; with policy 'throw' a dead owner is an error, and the lock is held. */
const takeSync = (take) => {
  try {
    return take();
  } catch (error) {
    if (error instanceof OwnerDiedError) return true;
    throw error;
  }
};

/** Takes, and gives whether it is held. */
const waysSync = {
  acquireSync: (lock) => takeSync(() => lock.acquireSync()),
  'acquireSync, timed': (lock, { random }) => takeSync(() => lock.acquireSync({ timeout: random.next() * 5 })),
  tryAcquire: (lock) => takeSync(() => lock.tryAcquire()),
};

const ways = {
  acquire: (lock) => lock.acquire(),
  'acquire, timed': (lock, { random }) => lock.acquire({ timeout: random.next() * 5 }),
  'acquire, with a signal': async (lock, party) => {
    const signal = AbortSignal.timeout(party.random.between(0, 5));
    try {
      return await lock.acquire({ signal });
    } catch (error) {
      if (error !== signal.reason) throw error;
      party.tally('aborts');
      return false;
    }
  },
};

function ownDied(error) {
  if (error instanceof OwnerDiedError) return true;
  throw error;
}

/** with() and guard() of policy 'throw' do not give the lock of a dead owner: somebody must mend first. */
async function mending(cell, party, lane, work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof TimeoutError) return party.tally('timeouts');
    ownDied(error);
    await cell.lock.acquire().catch(ownDied);
    await inside(cell, party, lane, cell.lock.abandoned);
    cell.lock.release();
  }
}

function operationsOf(name, cell, party) {
  const { lock } = cell;
  const list = [];
  const add = (verb, how, run) =>
    list.push({ kind: name === 'throwing' ? 'lock' : name, name: `${name}: ${verb}`, how, run });
  for (const [verb, take] of Object.entries(waysSync)) {
    add(verb, 'blocking', (lane) => {
      if (!take(lock, party)) return;
      const { abandoned } = lock;
      nestSync(lock, party);
      insideSync(cell, party, lane, abandoned);
      lock.release();
    });
  }
  for (const [verb, take] of Object.entries(ways)) {
    add(verb, 'awaited', async (lane) => {
      if (!(await take(lock, party).catch(ownDied))) return;
      await inside(cell, party, lane, lock.abandoned);
      lock.release();
    });
  }
  add('with', 'awaited', (lane) =>
    mending(cell, party, lane, () =>
      lock.with(async () => {
        const { abandoned } = lock;
        if (lock instanceof RLock && party.random.chance(0.5)) await lock.with(() => nestSync(lock, party));
        await inside(cell, party, lane, abandoned);
      }),
    ),
  );
  add('guard, timed', 'awaited', (lane) =>
    mending(cell, party, lane, async () => {
      const guard = await lock.guard({ timeout: party.random.between(1, 20) });
      await inside(cell, party, lane, guard.abandoned);
      guard.release();
    }),
  );
  return list;
}

export function operations(shared, party) {
  const { value, added, adds, updates } = shared.value;
  return [
    ...Object.entries(shared).flatMap(([name, cell]) => operationsOf(name, cell, party)),
    {
      kind: 'value',
      name: 'value.add',
      how: 'blocking',
      run: (lane) => {
        for (let i = 0; i < 100; i++) {
          added.add(1n);
          Atomics.add(adds.view, lane, 1);
        }
      },
    },
    {
      kind: 'value',
      name: 'value.update',
      how: 'awaited',
      run: async (lane) => {
        await value.update(async (before) => {
          await inside(shared.value, party, lane, value.getLock().abandoned);
          return before + 1;
        });
        updates.view[lane]++;
      },
    },
  ];
}

/** The slots that are inside one of the locks now. */
export function slotsInside(shared) {
  const stamps = Object.values(shared).map(({ words }) => Atomics.load(words.view, STAMP));
  return stamps.filter((stamp) => stamp !== 0).map(slotOf);
}

export function check(shared, { deaths, expect }) {
  for (const [name, { words, done }] of Object.entries(shared)) {
    const [first, second, , steals] = words.view;
    const counted = sum([...done.view]);
    expect(second >= counted && second <= counted + deaths, `${name}: ${counted} went through, ${second} were counted`);
    expect(first - second <= 1 && first >= second, `${name}: the words are ${first} and ${second}`);
    expect(steals <= deaths, `${name}: ${steals} steals of ${deaths} dead`);
  }
  const { value, added, adds, updates } = shared.value;
  for (const [verb, { value: counted }, lanes] of [
    ['add', added, adds],
    ['update', value, updates],
  ]) {
    const done = sum([...lanes.view]);
    const most = done + deaths * LANES;
    expect(counted >= done && counted <= most, `value.${verb}: ${done} were done, ${counted} were counted`);
  }
}

export function close(shared) {
  for (const { lock, words, done, value, added, adds, updates } of Object.values(shared)) {
    for (const object of [words, done, lock, value, added, adds, updates]) object?.close();
  }
}
