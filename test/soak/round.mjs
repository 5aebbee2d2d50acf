// One round: everything is made anew, parties work and are killed, all is let go and compared.
import { existsSync, readFileSync } from 'node:fs';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import { checkFinale, closeFinale, direct, makeFinale } from './finale.mjs';
import { callAll, makeAll, operationsOf } from './games/all.mjs';
import { unsettled } from './games/condition.mjs';
import { slotsInside } from './games/mutex.mjs';
import { closeLedger, DIRECTOR, ENDING, LANES, makeLedger, now, Party, SETTLING, SLOTS, TALLIES } from './ledger.mjs';
import { Random } from './random.mjs';
import { ProcessUnit, ThreadUnit } from './units.mjs';

/** Far above what anything here takes: whoever does one thing for so long hangs. */
const WATCHDOG_MS = 60_000;
const TICK_MS = 20;
/** Deaths come as often as this, and more seldom where it takes long to begin anew: most are to be at work. */
const KILL_EVERY_MS = 100;

/** Thrown where going on makes no sense: what was found is in the file of reports. */
export class Stopped extends Error {}

export class Round {
  deaths = 0;
  kills = { process: 0, thread: 0 };
  checks = 0;
  #units = [
    new ProcessUnit([0, 1]),
    new ProcessUnit([2, 3]),
    new ProcessUnit([4]),
    new ProcessUnit([5]),
    new ThreadUnit([6]),
    new ThreadUnit([7]),
  ];
  #replacements = new Set();
  #job;
  #party;
  #operations;
  #random;
  #reports;
  #since = 0;
  /** How long it takes from a start to the first work, smoothed. */
  #startMs = 500;

  constructor(seed, number, reports) {
    this.#reports = reports;
    this.#random = new Random(seed, number);
    const shared = makeAll(this.#random);
    // How many operations there are is what the ledger must know, and they are made for a party, that has one.
    const count = operationsOf(shared, { random: this.#random }).length;
    const ledger = makeLedger(count, reports);
    this.#job = { ledger, shared, finale: makeFinale(), seed: this.#random.between(0, 2 ** 31 - 1) };
    this.#party = new Party(ledger, DIRECTOR, 0, this.#job.seed);
    this.#operations = operationsOf(shared, this.#party);
  }

  get violations() {
    if (!existsSync(this.#reports)) return [];
    return readFileSync(this.#reports, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** What was done: by kind and how it waits, and what was counted beside. */
  get done() {
    const { done, tallies } = this.#job.ledger;
    const operations = {};
    this.#operations.forEach(({ kind, how }, code) => {
      operations[kind] ??= { blocking: 0, awaited: 0 };
      for (let slot = 0; slot < SLOTS; slot++)
        operations[kind][how] += done.view[slot * this.#operations.length + code];
    });
    const counted = Object.fromEntries(
      TALLIES.map((name, i) => {
        let total = 0;
        for (let slot = 0; slot < SLOTS; slot++) total += tallies.view[slot * TALLIES.length + i];
        return [name, total];
      }),
    );
    return { operations, ...counted };
  }

  #expect = (holds, otherwise) => {
    if (holds) this.checks++;
    else this.#party.violation(otherwise);
  };

  /** Works for that long, or until `interrupted()`. Throws Stopped when somebody hangs or anything else was found. */
  async run(ms, interrupted) {
    try {
      for (const unit of this.#units) this.#start(unit);
      const until = now() + ms;
      const goesOn = () => now() < until && !interrupted();
      await Promise.all([this.#drive(goesOn), this.#killAtRandom(goesOn)]);
      await this.#settle();
      await this.#end();
      this.#compare();
    } catch (error) {
      if (!(error instanceof Stopped)) this.#party.violation(error.stack);
      this.#dump();
      // What was found may have its cause in an end that is told of a moment later.
      await sleep(500);
      throw new Stopped();
    }
  }

  async close() {
    await callAll('close', this.#job.shared);
    closeFinale(this.#job.finale);
    closeLedger(this.#job.ledger);
  }

  #start(unit) {
    unit.incarnation++;
    unit.gone = false;
    unit.starting = true;
    unit.started = now();
    unit.start(this.#job);
    void unit.ended.then((wrong) => {
      unit.gone = true;
      if (wrong !== undefined) this.#party.violation(wrong);
    });
  }

  async #drive(goesOn) {
    while (goesOn()) {
      await this.#step('drive');
      await this.#look();
    }
  }

  /** The director's own part must not hang either; while it lasts it is to be looked whether anybody does. */
  async #step(step) {
    const steps = callAll(step, this.#job.shared, this.#party);
    this.#since = now();
    await steps;
    this.#since = 0;
  }

  async #killAtRandom(goesOn) {
    while (goesOn()) {
      await this.#look(this.#random.gap(Math.max(KILL_EVERY_MS, this.#startMs / 2)));
      // Most are killed at work, some while they start.
      const anybody = this.#random.chance(0.1);
      const victims = this.#units.filter((unit) => !unit.busy && (anybody || this.#works(unit)));
      for (let n = this.#random.chance(0.2) ? 2 : 1; n > 0 && victims.length > 0; n--) {
        const victim = (this.#random.chance(0.5) && (await this.#insider(victims))) || this.#random.pick(victims);
        victims.splice(victims.indexOf(victim), 1);
        const replaced = this.#replace(victim).finally(() => this.#replacements.delete(replaced));
        this.#replacements.add(replaced);
      }
    }
  }

  /** One of these that is inside a lock at this moment, if there is one soon. */
  async #insider(units) {
    const patience = now() + 30;
    while (now() < patience) {
      const slots = slotsInside(this.#job.shared.mutex);
      const insider = units.find((unit) => !unit.busy && unit.slots.some((slot) => slots.includes(slot)));
      if (insider !== undefined) return insider;
      await turn();
    }
    return undefined;
  }

  #works(unit) {
    const works = unit.slots.every((slot) => this.#job.ledger.doing.view[slot * LANES] !== 0);
    if (works && unit.starting) {
      unit.starting = false;
      this.#startMs += (now() - unit.started - this.#startMs) / 4;
    }
    return works;
  }

  async #replace(unit) {
    await this.#kill(unit);
    this.#start(unit);
    unit.busy = false;
  }

  async #kill(unit) {
    unit.busy = true;
    const { ledger, shared } = this.#job;
    for (const slot of unit.slots) Atomics.store(ledger.condemned.view, slot, unit.incarnation + 1);
    this.kills[unit.kind]++;
    this.deaths += unit.slots.length;
    if (!unit.gone) unit.kill();
    await unit.ended;
    const lanes = unit.slots.flatMap((slot) => Array.from({ length: LANES }, (_, i) => slot * LANES + i));
    await callAll('died', shared, lanes);
    for (const lane of lanes) Atomics.store(ledger.doing.view, lane, 0);
    return unit.slots;
  }

  /** Waits a moment; throws when there is nothing more to find out. */
  async #look(ms = TICK_MS) {
    await sleep(ms);
    const { doing, since } = this.#job.ledger;
    const old = now() - WATCHDOG_MS;
    if (this.#since !== 0 && this.#since < old) this.#party.violation('the director hangs');
    for (let lane = 0; lane < SLOTS * LANES; lane++) {
      const code = Atomics.load(doing.view, lane);
      if (code !== 0 && since.view[lane] < old) {
        this.#party.violation(`lane ${lane} hangs in ${this.#operations[code - 1].name}`);
      }
    }
    if (this.violations.length > 0) throw new Stopped();
  }

  /** Until it is so. What never becomes so is a violation. */
  #until = async (what, isSo) => {
    const deadline = now() + WATCHDOG_MS;
    for (;;) {
      const so = await isSo();
      if (so) break;
      if (now() > deadline) this.#party.violation(`it never came that ${what}`);
      await this.#look();
    }
    this.checks++;
  };

  /** Nobody makes tokens, and nobody is killed: whoever is to be woken is. */
  async #settle() {
    const { ledger, shared } = this.#job;
    Atomics.store(ledger.stage.view, 0, SETTLING);
    await this.#until('nobody sleeps beside a token', async () => {
      return (await unsettled(shared.condition, this.#party)) === undefined;
    });
  }

  async #end() {
    const { ledger, shared, finale } = this.#job;
    Atomics.store(ledger.stage.view, 0, ENDING);
    await callAll('beginEnd', shared, this.#party);
    await this.#until('all come to the finale', async () => {
      await this.#step('letGo');
      return (
        this.#replacements.size === 0 && finale.waiting.view.every((waits, slot) => waits === 1 || slot === DIRECTOR)
      );
    });
    const killed = new Set();
    const living = () => this.#units.filter((unit) => !killed.has(unit)).flatMap(({ slots }) => slots);
    const killProcess = async (may) => {
      const candidates = this.#units.filter(
        (unit) => unit.kind === 'process' && !killed.has(unit) && unit.slots.every(may),
      );
      const victim = this.#random.pick(candidates);
      killed.add(victim);
      return this.#kill(victim);
    };
    const tools = { until: this.#until, killProcess, living, expect: this.#expect };
    await direct(finale, tools);
    let ended = 0;
    for (const unit of this.#units) void unit.ended.then(() => ended++);
    await this.#until('all end', () => ended === this.#units.length);
    checkFinale(finale, tools);
  }

  #compare() {
    const { deaths } = this;
    void callAll('check', this.#job.shared, { deaths, lanes: LANES, director: this.#party, expect: this.#expect });
    if (this.violations.length > 0) throw new Stopped();
  }

  /** What everybody does, for who looks for the cause. */
  #dump() {
    const { doing, since, stage } = this.#job.ledger;
    console.log(`\nstage ${stage.view[0]}, ${this.deaths} deaths`);
    for (const { kind, slots, incarnation, busy } of this.#units) {
      console.log(`${kind} of slots ${slots.join(', ')}, incarnation ${incarnation}${busy ? ', being killed' : ''}`);
      for (let lane = slots[0] * LANES; lane < (slots.at(-1) + 1) * LANES; lane++) {
        const code = doing.view[lane];
        const what =
          code === 0 ? 'nothing' : `${this.#operations[code - 1].name} for ${Math.round(now() - since.view[lane])} ms`;
        console.log(`   lane ${lane}: ${what}`);
      }
    }
    const { waiting, told, broken } = this.#job.finale;
    console.log(`finale: waiting ${[...waiting.view]}, told ${[...told.view]}, broken ${[...broken.view]}`);
  }

  /** After a violation: nobody stays. Resolves with whether everybody has ended, which a thread that hangs has not. */
  async abandon() {
    for (const unit of this.#units) {
      unit.busy = true;
      if (!unit.gone) unit.kill();
    }
    const ended = Promise.all(this.#units.map((unit) => unit.ended));
    return Promise.race([ended.then(() => true), sleep(5_000, false)]);
  }
}
