// Event: pulses of the director and of parties. Who waits without a timeout gets true; who awaited through a pulse, too.
import { Event, RawArray } from 'procloom';

import { now } from '../ledger.mjs';

const [SEQUENCE, BEFORE, AFTER] = [0, 1, 2];
/** Timers may be early by this. */
const MARGIN_MS = 2;

export function make() {
  return { event: new Event(), pulse: RawArray('d', 3) };
}

/** When the director's last pulse began and ended; undefined while that is being written. */
function lastPulse({ pulse: { view } }) {
  const sequence = view[SEQUENCE];
  const [before, after] = [view[BEFORE], view[AFTER]];
  return sequence % 2 === 0 && sequence === view[SEQUENCE] ? { before, after } : undefined;
}

async function awaitTimed(shared, party) {
  const timeout = party.random.between(1, 60);
  const called = now();
  const waiting = shared.event.wait({ timeout });
  const waits = now();
  if (await waiting) return;
  party.tally('timeouts');
  const pulse = lastPulse(shared);
  if (pulse !== undefined && pulse.before > waits && pulse.after < called + timeout - MARGIN_MS) {
    const [before, after] = [pulse.before - called, pulse.after - called].map((ms) => ms.toFixed(3));
    party.violation(`an event was set from ${before} to ${after} ms of a wait of ${timeout} ms, which gave false`);
  }
}

async function awaitWithSignal({ event }, party) {
  const signal = AbortSignal.timeout(party.random.between(0, 30));
  try {
    await event.wait({ signal });
  } catch (error) {
    if (error !== signal.reason) throw error;
    party.tally('aborts');
  }
}

export function operations(shared, party) {
  const { event } = shared;
  const must = (woken) => {
    if (woken !== true) party.violation(`a wait for an event without a timeout gave ${woken}`);
  };
  const kind = 'event';
  return [
    { kind, name: 'event.waitSync', how: 'blocking', run: () => must(event.waitSync()) },
    {
      kind,
      name: 'event.waitSync, timed',
      how: 'blocking',
      run: () => event.waitSync({ timeout: party.random.next() * 20 }),
    },
    { kind, name: 'event.set, clear', how: 'blocking', run: () => (event.set(), event.clear()) },
    { kind, name: 'event.wait', how: 'awaited', run: async () => must(await event.wait()) },
    { kind, name: 'event.wait, timed', how: 'awaited', run: () => awaitTimed(shared, party) },
    { kind, name: 'event.wait, with a signal', how: 'awaited', run: () => awaitWithSignal(shared, party) },
    { kind, name: 'event.set', how: 'awaited', run: async () => event.set() },
    { kind, name: 'event.clear', how: 'awaited', run: async () => event.clear() },
  ];
}

export function drive({ event, pulse: { view } }, { random }) {
  if (!random.chance(0.3)) return;
  view[SEQUENCE]++;
  view[BEFORE] = now();
  event.set();
  view[AFTER] = now();
  view[SEQUENCE]++;
  // Often at once: whoever waited is to be woken all the same.
  event.clear();
}

/** From now on nobody clears it; one that was about to may still do so once. */
export function letGo({ event }) {
  event.set();
}

export function close({ event, pulse }) {
  event.close();
  pulse.close();
}
