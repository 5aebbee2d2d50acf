/**
 * worker_threads: postMessage() from the main thread to a worker, by structured clone.
 *
 * Each message is a Uint8Array over memory of its own, made before the clock starts: to post a view clones all of the
 * ArrayBuffer below it. No backpressure: postMessage() has none, and a lap is short enough to be posted at a stretch,
 * which is the fastest way (the worker receives meanwhile).
 */
import { once } from 'node:events';
import { parentPort, Worker, type MessagePort } from 'node:worker_threads';
import type { Landing } from '../verify/landing.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { Inbox } from './inbox.js';
import { peerScript } from './peer-script.js';

export class WorkerHost implements Host {
  protected readonly worker: Worker;
  private readonly inbox = new Inbox<Uint8Array>();
  private readonly ended: Promise<unknown>;

  constructor(context: Context) {
    this.worker = new Worker(peerScript, { workerData: context.peerSpec });
    this.worker.on('message', this.inbox.deliver);
    this.ended = once(this.worker, 'exit');
  }

  prepareBytes(messages: Buffer[]): Buffer[] {
    return messages.map((message) => {
      const own = Buffer.allocUnsafeSlow(message.length);
      own.set(message);
      return own;
    });
  }

  sendBytes(messages: readonly Buffer[]): void {
    for (let i = 0; i < messages.length; i++) this.worker.postMessage(messages[i]);
  }

  sendObjects(objects: readonly object[]): void {
    for (let i = 0; i < objects.length; i++) this.worker.postMessage(objects[i]);
  }

  ping(messages: readonly Buffer[], samples: Float64Array, landing: Landing): Promise<void> {
    let i = 0;
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      this.worker.postMessage(messages[i]);
    };
    const done = this.inbox.expect(messages.length, (message) => {
      landing.keep(message);
      samples[i] = (performance.now() - sentAt) * 1e6;
      if (++i < messages.length) send();
    });
    send();
    return done;
  }

  async close(): Promise<void> {
    await this.ended;
  }
}

export class WorkerPeer implements Peer {
  private readonly port: MessagePort;
  private readonly inbox = new Inbox<unknown>();

  constructor() {
    if (!parentPort) throw new Error('the worker_threads driver has its peer in a worker, and this is none');
    this.port = parentPort;
    this.port.on('message', this.inbox.deliver);
  }

  async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    const done = this.inbox.expect(count, (message) => landing.keep(message as Uint8Array));
    await ready();
    await done;
  }

  async receiveObjects(received: unknown[], count: number, ready: Ready): Promise<void> {
    const done = this.inbox.expect(count, (message) => received.push(message));
    await ready();
    await done;
  }

  async echo(count: number, ready: Ready): Promise<void> {
    const done = this.inbox.expect(count, (message) => this.port.postMessage(message));
    await ready();
    await done;
  }

  extra(): number {
    return this.inbox.extra;
  }

  close(): void {
    this.port.close();
  }
}

export default {
  host: (context) => new WorkerHost(context),
  peer: () => new WorkerPeer(),
} satisfies Driver;
