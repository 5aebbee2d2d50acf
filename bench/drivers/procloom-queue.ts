/** procloom's Queue: putSync → getSync, from one process or from several. A got item of bytes is a fresh Buffer. */
import { Queue, type Process } from 'procloom';
import type { Landing } from '../verify/landing.js';
import type { Context, Done, Driver, Host, Peer, Ready } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';
import { Producers } from './procloom-producers.js';

/** Bytes that may be queued: without a bound a queue grows as long as the producer is the faster one. */
const CAPACITY = 4 * 1024 * 1024;

export class QueueHost implements Host {
  protected readonly there = new Queue<unknown>(0, { capacity: CAPACITY });
  private readonly back = new Queue<Buffer>(0, { capacity: CAPACITY });
  private readonly child: Process;
  private readonly producers: Producers | undefined;
  private ownShare: readonly object[] = [];

  constructor(context: Context) {
    this.child = startPeer(context, this.there, this.back);
    // This process is one of them.
    if (context.job.kind === 'fan-in') this.producers = new Producers(context.job.producers - 1, this.there);
  }

  sendBytes(messages: readonly Buffer[]): void {
    for (let i = 0; i < messages.length; i++) this.there.putSync(messages[i]);
  }

  async shareOut(objects: readonly object[], producers: number): Promise<void> {
    const each = objects.length / producers;
    const shares = Array.from({ length: producers }, (_, i) => objects.slice(i * each, (i + 1) * each));
    this.ownShare = shares.pop() ?? [];
    await this.producers?.give(shares);
  }

  sendShares(): void {
    this.producers?.go();
    this.sendObjects(this.ownShare);
  }

  sendObjects(objects: readonly object[]): Done {
    for (let i = 0; i < objects.length; i++) this.there.putSync(objects[i]);
  }

  ping(messages: readonly Buffer[], samples: Float64Array, landing: Landing): void {
    let before = performance.now();
    for (let i = 0; i < messages.length; i++) {
      this.there.putSync(messages[i]);
      landing.keep(this.back.getSync());
      const now = performance.now();
      samples[i] = (now - before) * 1e6;
      before = now;
    }
  }

  async close(): Promise<void> {
    await this.producers?.close();
    await joinPeer(this.child);
    this.there.close();
    this.back.close();
  }
}

export class QueuePeer implements Peer {
  protected readonly there: Queue<unknown>;
  private readonly back: Queue<Buffer>;

  constructor(there: Queue<unknown>, back: Queue<Buffer>) {
    this.there = there;
    this.back = back;
  }

  async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    await ready();
    for (let i = 0; i < count; i++) landing.keep(this.there.getSync() as Buffer);
  }

  async receiveObjects(received: unknown[], count: number, ready: Ready): Promise<void> {
    await ready();
    for (let i = 0; i < count; i++) received.push(this.there.getSync());
  }

  async echo(count: number, ready: Ready): Promise<void> {
    await ready();
    for (let i = 0; i < count; i++) this.back.putSync(this.there.getSync() as Buffer);
  }

  extra(): number {
    return this.there.qsize();
  }

  close(): void {
    this.there.close();
    this.back.close();
  }
}

export default {
  host: (context) => new QueueHost(context),
  peer: (_context, there: Queue<unknown>, back: Queue<Buffer>) => new QueuePeer(there, back),
} satisfies Driver;
