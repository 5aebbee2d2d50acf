/** Round trips in C++ on both sides, both spinning (native/bench/ping-pong/): JavaScript runs before and after a lap only. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Landing } from '../verify/landing.js';
import { INHERITED, loadBareAddon, startBarePeer } from './bare-addon.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';

interface PingPong {
  pingPong(memory: ArrayBuffer, messages: Uint8Array, echoes: Uint8Array, samples: Float64Array): void;
  echo(memory: ArrayBuffer, count: number): void;
}

/** The only size that the addon knows. */
const MESSAGE_BYTES = 64;
const TABLE_BYTES = 4096;

class PingHost implements Host {
  private readonly addon = loadBareAddon<PingPong>();
  private readonly memory: ArrayBuffer;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(context: Context) {
    const memory = this.addon.share(TABLE_BYTES);
    this.memory = this.addon.map(memory);
    this.child = startBarePeer(context, memory);
    this.ended = once(this.child, 'exit');
  }

  /** All in one piece. */
  prepareBytes(messages: Buffer[]): Buffer[] {
    const odd = messages.find((message) => message.length !== MESSAGE_BYTES);
    if (odd) throw new RangeError(`the bare ping-pong has messages of ${MESSAGE_BYTES} bytes, not of ${odd.length}`);
    return [Buffer.concat(messages)];
  }

  ping([messages]: readonly Buffer[], samples: Float64Array, landing: Landing): void {
    const { bytes, lengths } = landing;
    this.addon.pingPong(this.memory, messages, bytes, samples);
    lengths.fill(MESSAGE_BYTES, 0, samples.length);
    landing.landed(samples.length, messages.length);
  }

  async close(): Promise<void> {
    await this.ended;
  }
}

class PingPeer implements Peer {
  private readonly addon = loadBareAddon<PingPong>();
  private readonly memory = this.addon.map(INHERITED);

  async echo(count: number, ready: Ready): Promise<void> {
    await ready();
    this.addon.echo(this.memory, count);
  }

  extra(): number {
    return 0;
  }

  close(): void {
    // The process ends, and with it what it inherited.
  }
}

export default {
  host: (context) => new PingHost(context),
  peer: () => new PingPeer(),
} satisfies Driver;
