/**
 * One copy of each message and no transport: the first process copies a lap, message after message, into shared memory that
 * holds all of it, and says so when it is done; the second only waits. Nobody who copies a message even once is faster.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Binary } from '../data/binary.js';
import type { Landing } from '../verify/landing.js';
import { INHERITED, loadBareAddon, startBarePeer } from './bare-addon.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';

interface Copying {
  copy(memory: ArrayBuffer, offset: number, message: Uint8Array): void;
  say(memory: ArrayBuffer, number: number): void;
  hear(memory: ArrayBuffer, number: number): void;
}

/** The number's page. */
const WORD_BYTES = 4096;
const SCRIBBLE = 0xa5;

class CopyHost implements Host {
  private readonly addon = loadBareAddon<Copying>();
  private readonly memory: ArrayBuffer;
  private readonly messageBytes: number;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private laps = 0;

  constructor(context: Context) {
    const { job } = context;
    if (!('messageBytes' in job)) throw new Error(`memcpy copies bytes, and '${job.kind}' has none`);
    this.messageBytes = job.messageBytes;
    const memory = this.addon.share(WORD_BYTES + this.messageBytes * new Binary(this.messageBytes).lapLimit);
    this.memory = this.addon.map(memory);
    this.child = startBarePeer(context, memory);
    this.ended = once(this.child, 'exit');
  }

  sendBytes(messages: readonly Buffer[]): void {
    const { addon, memory, messageBytes } = this;
    for (let i = 0; i < messages.length; i++) addon.copy(memory, WORD_BYTES + i * messageBytes, messages[i]);
    addon.say(memory, ++this.laps);
  }

  async close(): Promise<void> {
    await this.ended;
  }
}

class CopyPeer implements Peer {
  private readonly addon = loadBareAddon<Copying>();
  private readonly memory = this.addon.map(INHERITED);
  private readonly messages: Buffer;
  private readonly binary: Binary;
  private laps = 0;
  private place = 0;

  constructor({ job }: Context) {
    if (!('messageBytes' in job)) throw new Error(`memcpy copies bytes, and '${job.kind}' has none`);
    this.messages = Buffer.from(this.memory, WORD_BYTES);
    this.binary = new Binary(job.messageBytes);
  }

  async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    this.messages.fill(SCRIBBLE);
    await ready();
    this.addon.hear(this.memory, ++this.laps);
    // How long each is, nobody has sent: the bytes say whether it is true.
    for (let i = 0; i < count; i++, this.place++) {
      const { start, end } = this.binary.range(this.place);
      const at = i * this.binary.messageBytes;
      landing.keep(this.messages.subarray(at, at + end - start));
    }
  }

  extra(): number {
    return 0;
  }

  close(): void {
    // The process ends, and with it what it inherited.
  }
}

export default {
  host: (context) => new CopyHost(context),
  peer: (context) => new CopyPeer(context),
} satisfies Driver;
