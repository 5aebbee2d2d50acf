// What all parties of a round write down in shared memory, and whoever looks at them reads: who they are, what each of
// their lanes does since when, what they have done, and who was condemned.
//
// A slot is a place for one thread that runs JavaScript; who takes it over from a dead one is its next incarnation. A
// lane is one of the things that such a thread does at the same time.
import { appendFileSync } from 'node:fs';
import { RawArray } from 'procloom';

import { Random } from './random.mjs';

/** Lanes of a slot. */
export const LANES = 3;
/** The last slot is the director's, who is never killed. */
export const SLOTS = 9;
export const DIRECTOR = SLOTS - 1;

export const WORKING = 0;
/** Nothing new is begun. */
export const SETTLING = 1;
/** Whoever may wait for ever is let go. */
export const ENDING = 2;

export const TALLIES = ['steals', 'brokenBarriers', 'timeouts', 'aborts'];

/** Milliseconds of a clock that all processes share. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

/** The shared part; `operations` is how many kinds of operations there are, `reports` the file for violations. */
export function makeLedger(operations, reports) {
  return {
    reports,
    operations,
    stage: RawArray('i', 1),
    condemned: RawArray('i', SLOTS),
    doing: RawArray('i', SLOTS * LANES),
    since: RawArray('d', SLOTS * LANES),
    done: RawArray('i', SLOTS * operations),
    tallies: RawArray('i', SLOTS * TALLIES.length),
  };
}

export function closeLedger({ stage, condemned, doing, since, done, tallies }) {
  for (const array of [stage, condemned, doing, since, done, tallies]) array.close();
}

/** Of a stamp (see there). */
export const slotOf = (stamp) => Math.floor(((stamp - 1) % (SLOTS * LANES)) / LANES);

/** One incarnation of a slot. */
export class Party {
  slot;
  incarnation;
  random;
  lanes;
  #ledger;

  constructor(ledger, slot, incarnation, seed) {
    this.#ledger = ledger;
    this.slot = slot;
    this.incarnation = incarnation;
    this.random = new Random(seed, slot, incarnation);
    this.lanes = Array.from({ length: LANES }, (_, i) => slot * LANES + i);
  }

  get stage() {
    return Atomics.load(this.#ledger.stage.view, 0);
  }

  /** What a lane writes where it is the only one allowed; never 0. */
  stamp(lane) {
    return this.incarnation * SLOTS * LANES + lane + 1;
  }

  /** Whether the one of that stamp may be dead. */
  isCondemned(stamp) {
    return this.isOver(slotOf(stamp), Math.floor((stamp - 1) / (SLOTS * LANES)));
  }

  /** Whether that incarnation of a slot is condemned, and may be dead. */
  isOver(slot, incarnation) {
    return Atomics.load(this.#ledger.condemned.view, slot) > incarnation;
  }

  /** Whether anybody was condemned yet. */
  get anyCondemned() {
    return this.#ledger.condemned.view.some((incarnation) => incarnation > 0);
  }

  /** `code` of an operation; the director looks for lanes that do the same for too long. */
  begin(lane, code) {
    this.#ledger.since.view[lane] = now();
    Atomics.store(this.#ledger.doing.view, lane, code + 1);
  }

  end(lane, code) {
    Atomics.store(this.#ledger.doing.view, lane, 0);
    this.#ledger.done.view[this.slot * this.#ledger.operations + code]++;
  }

  tally(what) {
    this.#ledger.tallies.view[this.slot * TALLIES.length + TALLIES.indexOf(what)]++;
  }

  /** Told without the library: it may be what is broken. */
  violation(what) {
    const who = this.slot === DIRECTOR ? 'director' : `slot ${this.slot}, incarnation ${this.incarnation}`;
    appendFileSync(this.#ledger.reports, `${JSON.stringify(`${who}: ${what}`)}\n`);
  }
}

/** Sum of what `lanes` or slots have counted. */
export const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
