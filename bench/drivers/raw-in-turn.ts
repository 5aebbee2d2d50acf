/**
 * One of two event loops that wake each other by what native/bench/wakes/ has. Each has memory and an eventfd in which
 * the other rings it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { nowNs } from '../cell/clock.js';

/** Where one of the two is rung. */
export interface Doorbell {
  memory: ArrayBuffer;
  eventfd: number;
}

export interface LoopWakes {
  wakeOne(memory: ArrayBuffer): void;
  ring(eventfd: number): void;
  waitPolling(
    memory: ArrayBuffer,
    eventfd: number,
    wokenNs: Float64Array,
    done: () => void,
    each?: () => void,
    answersAtOnce?: boolean,
  ): void;
  waitByThread(memory: ArrayBuffer, count: number, each: () => void): void;
}

export class LoopInTurn {
  private readonly wakes: LoopWakes;
  private readonly byThread: boolean;
  private readonly own: Doorbell;
  private readonly other: Doorbell;

  constructor(wakes: LoopWakes, byThread: boolean, own: Doorbell, other: Doorbell) {
    this.wakes = wakes;
    this.byThread = byThread;
    this.own = own;
    this.other = other;
  }

  /** Begins each turn, and waits for its answer. */
  async begin(samples: Float64Array): Promise<void> {
    let begunNs = 0;
    let turn = 0;
    const over = await this.hear(samples.length, () => {
      samples[turn++] = nowNs() - begunNs;
      if (turn === samples.length) return;
      begunNs = nowNs();
      this.wake();
    });
    begunNs = nowNs();
    this.wake();
    await over.answered;
  }

  /** Answers so many times; `ready` is called when it listens. */
  async answer(count: number, ready: () => Promise<void>): Promise<void> {
    const over = await this.hear(count, () => this.wake());
    await ready();
    await over.answered;
  }

  private wake(): void {
    if (this.byThread) this.wakes.wakeOne(this.other.memory);
    else this.wakes.ring(this.other.eventfd);
  }

  /** Resolves when it listens; in an object, as a promise of a promise is none. */
  private async hear(count: number, each: () => void): Promise<{ answered: Promise<void> }> {
    const { memory, eventfd } = this.own;
    const listening = new Int32Array(memory, 0, 1);
    const before = Atomics.load(listening, 0);
    const answered = new Promise<void>((resolve) => {
      if (!this.byThread) {
        this.wakes.waitPolling(memory, eventfd, new Float64Array(count), resolve, each, true);
        return;
      }
      let heard = 0;
      this.wakes.waitByThread(memory, count, () => {
        each();
        if (++heard === count) resolve();
      });
    });
    while (Atomics.load(listening, 0) === before) await nextTurn();
    return { answered };
  }
}
