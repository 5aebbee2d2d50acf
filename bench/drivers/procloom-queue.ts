/** procloom's Queue: putSync → getSync. A got item of bytes is a fresh Buffer. */
import { Queue, type Process } from 'procloom';
import type { Landing } from '../verify/landing.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';

/** Bytes that may be queued: without a bound a queue grows as long as the producer is the faster one. */
const CAPACITY = 4 * 1024 * 1024;

class QueueHost implements Host {
  private readonly there = new Queue<unknown>(0, { capacity: CAPACITY });
  private readonly back = new Queue<Buffer>(0, { capacity: CAPACITY });
  private readonly child: Process;

  constructor(context: Context) {
    this.child = startPeer(context, this.there, this.back);
  }

  sendBytes(messages: readonly Buffer[]): void {
    for (let i = 0; i < messages.length; i++) this.there.putSync(messages[i]);
  }

  sendObjects(objects: readonly object[]): void {
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
    await joinPeer(this.child);
    this.there.close();
    this.back.close();
  }
}

class QueuePeer implements Peer {
  private readonly there: Queue<unknown>;
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
