/**
 * The rawest wakes that there are, from native/bench/wakes/: what procloom's are measured beside. Memory and eventfd
 * are inherited by the second process.
 *
 *     futex             FUTEX_WAKE → a thread returns from FUTEX_WAIT; C++ on both sides
 *     futex-js          the same; JavaScript on both sides notes the times and calls the addon for each wake
 *     eventfd           write → uv_poll calls back; C++ on both sides
 *     eventfd-js        the same; JavaScript calls the addon to write, and is called back
 *     futex-threadsafe  FUTEX_WAKE → a thread returns, calls a threadsafe function → JavaScript
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { nowNs } from '../cell/clock.js';
import { INHERITED, loadBareAddon, startBarePeer } from './bare-addon.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { LoopInTurn, type LoopWakes } from './raw-in-turn.js';
import { PAUSE_NS, Sleeper } from './sleeper.js';

interface Wakes extends LoopWakes {
  make(): [memory: number, eventfd: number];
  wake(
    memory: ArrayBuffer,
    eventfd: number,
    by: 'futex' | 'eventfd',
    pid: number,
    first: number,
    wakingNs: Float64Array,
    pauseNs: number,
  ): void;
  waitOne(memory: ArrayBuffer): void;
  waitBlocking(memory: ArrayBuffer, wokenNs: Float64Array): void;
}

export type Way = 'futex' | 'futex-js' | 'eventfd' | 'eventfd-js' | 'futex-threadsafe';

export function rawWakeDriver(way: Way): Driver {
  return {
    host: (context) => new RawHost(context, way),
    peer: () => new RawPeer(way),
  };
}

/** Where the second process finds what it inherits. */
const MEMORY = INHERITED;
const EVENTFD = INHERITED + 1;
/** Where the first is rung, when they wake each other in turn. */
const ANSWER_MEMORY = INHERITED + 2;
const ANSWER_EVENTFD = INHERITED + 3;

class RawHost implements Host {
  private readonly wakes = loadBareAddon<Wakes>();
  private readonly way: Way;
  private readonly memory: ArrayBuffer;
  private readonly eventfd: number;
  private readonly inTurn: LoopInTurn;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private made = 0;
  private sleeper: Sleeper | undefined;

  constructor(context: Context, way: Way) {
    this.way = way;
    const [memory, eventfd] = this.wakes.make();
    this.memory = this.wakes.map(memory);
    this.eventfd = eventfd;
    const [answerMemory, answerEventfd] = this.wakes.make();
    this.inTurn = new LoopInTurn(
      this.wakes,
      way === 'futex-threadsafe',
      { memory: this.wakes.map(answerMemory), eventfd: answerEventfd },
      { memory: this.memory, eventfd },
    );
    this.child = startBarePeer(context, memory, eventfd, answerMemory, answerEventfd);
    this.ended = once(this.child, 'exit');
  }

  wake(count: number, wakingNs: Float64Array): void {
    if (this.way.endsWith('-js')) return this.wakeFromHere(count, wakingNs);
    const by = this.way.startsWith('futex') ? 'futex' : 'eventfd';
    this.wakes.wake(this.memory, this.eventfd, by, this.child.pid as number, this.made, wakingNs, PAUSE_NS);
    this.made += count;
  }

  private wakeFromHere(count: number, wakingNs: Float64Array): void {
    const { wakes, memory, eventfd } = this;
    const sleeper = (this.sleeper ??= new Sleeper(this.child.pid as number, new Int32Array(memory)));
    const byFutex = this.way === 'futex-js';
    for (let i = 0; i < count; i++) {
      sleeper.awaitSleep();
      wakingNs[i] = nowNs();
      if (byFutex) wakes.wakeOne(memory);
      else wakes.ring(eventfd);
    }
  }

  wakeInTurn(samples: Float64Array): Promise<void> {
    return this.inTurn.begin(samples);
  }

  async close(): Promise<void> {
    await this.ended;
    this.sleeper?.close();
  }
}

class RawPeer implements Peer {
  private readonly wakes = loadBareAddon<Wakes>();
  private readonly way: Way;
  private readonly memory: ArrayBuffer;

  constructor(way: Way) {
    this.way = way;
    this.memory = this.wakes.map(MEMORY);
  }

  async beWoken(count: number, wokenNs: Float64Array, ready: Ready): Promise<void> {
    await ready();
    const { wakes, way, memory } = this;
    if (way === 'futex') return wakes.waitBlocking(memory, wokenNs);
    if (way === 'futex-js') {
      for (let i = 0; i < count; i++) {
        wakes.waitOne(memory);
        wokenNs[i] = nowNs();
      }
      return undefined;
    }
    let woken = 0;
    const note = (): void => {
      wokenNs[woken++] = nowNs();
    };
    return new Promise((resolve) => {
      if (way === 'eventfd') return wakes.waitPolling(memory, EVENTFD, wokenNs, resolve);
      if (way === 'eventfd-js') return wakes.waitPolling(memory, EVENTFD, wokenNs, resolve, note);
      return wakes.waitByThread(memory, count, () => {
        note();
        if (woken === count) resolve();
      });
    });
  }

  answerWakes(count: number, ready: Ready): Promise<void> {
    const { wakes, memory } = this;
    const other = { memory: wakes.map(ANSWER_MEMORY), eventfd: ANSWER_EVENTFD };
    const inTurn = new LoopInTurn(wakes, this.way === 'futex-threadsafe', { memory, eventfd: EVENTFD }, other);
    return inTurn.answer(count, ready);
  }

  extra(): number {
    return 0;
  }

  close(): void {
    // The process ends, and with it what it inherited.
  }
}
