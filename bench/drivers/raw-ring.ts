/**
 * A bare ring in shared memory with one call of C++ for each message (native/bench/ring/): one producer, one consumer,
 * both spinning, nobody ever dies. What one pays procloom for is the difference.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Landing } from '../verify/landing.js';
import { INHERITED, loadBareAddon, startBarePeer } from './bare-addon.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';

interface Ring {
  ringProducer(memory: ArrayBuffer): (message: Uint8Array) => void;
  ringConsumer(memory: ArrayBuffer): (into: Uint8Array, offset: number) => number;
  ringIsEmpty(memory: ArrayBuffer): boolean;
}

/** The two counters' page. */
const WORDS_BYTES = 4096;
/** Small enough to stay in a cache of the processor's, and room for four of the largest messages. */
const LEAST_RING_BYTES = 256 * 1024;

function ringBytesOf({ job }: Context): number {
  if (!('messageBytes' in job)) throw new Error(`the bare ring carries bytes, and '${job.kind}' has none`);
  return Math.max(LEAST_RING_BYTES, 4 * job.messageBytes);
}

class RingHost implements Host {
  /** Mapped for as long as this is reachable: `put` does not keep it. */
  readonly memory: ArrayBuffer;
  private readonly put: (message: Uint8Array) => void;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(context: Context) {
    const addon = loadBareAddon<Ring>();
    const memory = addon.share(WORDS_BYTES + ringBytesOf(context));
    this.memory = addon.map(memory);
    this.put = addon.ringProducer(this.memory);
    this.child = startBarePeer(context, memory);
    this.ended = once(this.child, 'exit');
  }

  sendBytes(messages: readonly Buffer[]): void {
    const { put } = this;
    for (let i = 0; i < messages.length; i++) put(messages[i]);
  }

  async close(): Promise<void> {
    await this.ended;
  }
}

class RingPeer implements Peer {
  private readonly addon = loadBareAddon<Ring>();
  /** As in the host. */
  private readonly memory = this.addon.map(INHERITED);
  private readonly get = this.addon.ringConsumer(this.memory);

  async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    await ready();
    const { get } = this;
    const { bytes, lengths } = landing;
    let end = 0;
    for (let i = 0; i < count; i++) end += lengths[i] = get(bytes, end);
    landing.landed(count, end);
  }

  extra(): number {
    return this.addon.ringIsEmpty(this.memory) ? 0 : 1;
  }

  close(): void {
    // The process ends, and with it what it inherited.
  }
}

export default {
  host: (context) => new RingHost(context),
  peer: () => new RingPeer(),
} satisfies Driver;
