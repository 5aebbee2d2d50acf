/**
 * Waits until the waiter of a wake really sleeps. Without that a wake may meet one that is still spinning, or was never
 * let onto a processor, and measures something else.
 *
 *     waiter                          waker
 *     round += 1, waits ────────────▶ sees the round, then the thread asleep in the kernel's books
 *        (sleeps)                     a pause, notes the time, wakes
 *     notes the time, round += 1 …
 *
 * The native peers do the same in C++, with the same pause.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { nowNs } from '../cell/clock.js';

/** How long a waiter sleeps at least: longer than a short sleep after which procloom's spinning begins to pay. */
export const PAUSE_NS = 200_000;

const LOOKS_UNTIL_COMPILED = 10_000;

export class Sleeper {
  private readonly round: Int32Array;
  private readonly file: number;
  private readonly text = Buffer.alloc(1024);
  private rounds = 0;

  /** @param round counts the waits, in memory of both; the waiter is the main thread of process `pid` */
  constructor(pid: number, round: Int32Array) {
    this.round = round;
    this.file = openSync(`/proc/${pid}/stat`, 'r');
    // The engine compiles what runs often on a thread of its own, which would take the waiter's processor: so before.
    for (let look = 0; look < LOOKS_UNTIL_COMPILED; look++) this.state();
  }

  /** Returns when the next wait has begun, its thread sleeps and the pause is over. Throws if its process is gone. */
  awaitSleep(): void {
    this.rounds += 1;
    while (Atomics.load(this.round, 0) !== this.rounds) this.state();
    // One that is busy may sleep for a moment, too (the engine's own locks): it must sleep all through the pause.
    for (let asleep = 0; asleep < PAUSE_NS;) {
      const begun = nowNs();
      while (this.state() === 'S' && asleep < PAUSE_NS) asleep = nowNs() - begun;
    }
  }

  close(): void {
    closeSync(this.file);
  }

  /** One letter, after the program's name in parentheses, in which there may be others. */
  private state(): string {
    const { text } = this;
    const state = text[text.lastIndexOf(')', readSync(this.file, text, 0, text.length, 0)) + 2];
    if (state === ZOMBIE) throw new Error('the process that was to be woken has ended');
    return String.fromCharCode(state);
  }
}

const ZOMBIE = 'Z'.charCodeAt(0);

/** The waiter's side: says that it is about to wait. */
export function announceWait(round: Int32Array): void {
  Atomics.add(round, 0, 1);
}
