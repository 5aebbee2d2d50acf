/**
 * The rawest wakes that there are, from native/bench/wakes/: what procloom's are measured beside. They owe procloom
 * nothing: memory and eventfd are inherited by a second process that is started by hand.
 *
 *     futex             FUTEX_WAKE → a thread returns from FUTEX_WAIT; C++ on both sides
 *     eventfd           write → uv_poll calls back; C++ on both sides
 *     eventfd-js        the same, and the callback calls JavaScript
 *     futex-threadsafe  FUTEX_WAKE → a thread returns, calls a threadsafe function → JavaScript
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nowNs } from '../cell/clock.js';
import { projectRoot } from '../data/root.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { peerScript } from './peer-script.js';
import { PAUSE_NS } from './sleeper.js';

interface Wakes {
  make(): [memory: number, eventfd: number];
  map(memory: number): ArrayBuffer;
  wake(
    memory: ArrayBuffer,
    eventfd: number,
    by: 'futex' | 'eventfd',
    pid: number,
    first: number,
    wakingNs: Float64Array,
    pauseNs: number,
  ): void;
  waitBlocking(memory: ArrayBuffer, wokenNs: Float64Array): void;
  waitPolling(memory: ArrayBuffer, eventfd: number, wokenNs: Float64Array, done: () => void, each?: () => void): void;
  waitByThread(memory: ArrayBuffer, count: number, each: () => void): void;
}

const addonFile = join(projectRoot, 'build-bench/build/Release/procloom_wakes.node');

function loadWakes(): Wakes {
  try {
    return createRequire(import.meta.url)(addonFile) as Wakes;
  } catch (error) {
    throw new Error(`${addonFile} did not load: compile it with 'node scripts/setup.mjs --bench'`, { cause: error });
  }
}

export type Way = 'futex' | 'eventfd' | 'eventfd-js' | 'futex-threadsafe';

export function rawWakeDriver(way: Way): Driver {
  return {
    host: (context) => new RawHost(context, way),
    peer: () => new RawPeer(way),
  };
}

/** Where the second process finds what it inherits. */
const MEMORY = 3;
const EVENTFD = 4;

class RawHost implements Host {
  private readonly wakes = loadWakes();
  private readonly way: Way;
  private readonly memory: ArrayBuffer;
  private readonly eventfd: number;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private made = 0;

  constructor(context: Context, way: Way) {
    this.way = way;
    const [memory, eventfd] = this.wakes.make();
    this.memory = this.wakes.map(memory);
    this.eventfd = eventfd;
    this.child = spawn(process.execPath, [peerScript, context.peerSpec], {
      stdio: ['ignore', 'ignore', 'inherit', memory, eventfd],
    });
    this.ended = once(this.child, 'exit');
  }

  wake(count: number, wakingNs: Float64Array): void {
    const by = this.way.startsWith('futex') ? 'futex' : 'eventfd';
    this.wakes.wake(this.memory, this.eventfd, by, this.child.pid as number, this.made, wakingNs, PAUSE_NS);
    this.made += count;
  }

  async close(): Promise<void> {
    await this.ended;
  }
}

class RawPeer implements Peer {
  private readonly wakes = loadWakes();
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

  extra(): number {
    return 0;
  }

  close(): void {
    // The process ends, and with it what it inherited.
  }
}
