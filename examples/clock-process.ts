/** A class with a constructor of its own: each object is one process, and what the constructor made of it travels. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { currentProcess, isMainProcess, Process, Value } from 'procloom';

export class ClockProcess extends Process {
  readonly ticks = new Value('i', 0, { lock: false });
  readonly interval: number;
  readonly rounds: number;

  constructor(interval: number, rounds: number) {
    super();
    this.interval = interval;
    this.rounds = rounds;
    // As late as one likes before start(). (Before super() there is no object yet that could have a name.)
    this.name = `clock of ${interval} ms`;
  }

  /** start() calls it, in the child; this constructor has not run there. */
  override async run(): Promise<void> {
    assert.equal(currentProcess(), this);
    assert.equal(this.pid, process.pid);
    for (let round = 0; round < this.rounds; round++) {
      console.log(`${this.name}, process ${this.pid}: ${new Date().toISOString()}`);
      this.ticks.add(1);
      await sleep(this.interval);
    }
  }
}

if (isMainProcess()) {
  const clocks = [new ClockProcess(20, 3), new ClockProcess(30, 2)];
  for (const clock of clocks) clock.start();
  console.log(clocks.map(({ name, pid }) => `${name}: ${pid}`));
  for (const clock of clocks) {
    assert(clock.isAlive() || clock.exitcode === 0);
    assert.equal(await clock.join(), 0);
    assert.equal(clock.ticks.value, clock.rounds);
  }
  assert.notEqual(clocks[0]!.pid, clocks[1]!.pid);
}
