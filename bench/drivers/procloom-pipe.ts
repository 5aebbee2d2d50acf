/** procloom's Pipe with the verbs that block: sendBytesSync → recvBytesIntoSync, and sendSync → recvSync for objects. */
import { Pipe, type Connection, type Process } from 'procloom';
import type { Landing } from '../verify/landing.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';

export class PipeHost implements Host {
  protected readonly connection: Connection;
  private readonly child: Process;

  constructor(context: Context) {
    const [near, far] = Pipe();
    this.connection = near;
    this.child = startPeer(context, far);
    far.close();
  }

  sendBytes(messages: readonly Buffer[]): void {
    for (let i = 0; i < messages.length; i++) this.connection.sendBytesSync(messages[i]);
  }

  sendObjects(objects: readonly object[]): void {
    for (let i = 0; i < objects.length; i++) this.connection.sendSync(objects[i]);
  }

  ping(messages: readonly Buffer[], samples: Float64Array, landing: Landing): void {
    const { connection } = this;
    const into = { offset: 0 };
    let before = performance.now();
    for (let i = 0; i < messages.length; i++) {
      connection.sendBytesSync(messages[i]);
      const length = connection.recvBytesIntoSync(landing.bytes, into);
      const now = performance.now();
      samples[i] = (now - before) * 1e6;
      before = now;
      landing.lengths[i] = length;
      into.offset += length;
    }
    landing.landed(messages.length, into.offset);
  }

  async close(): Promise<void> {
    await joinPeer(this.child);
    this.connection.close();
  }
}

export class PipePeer implements Peer {
  protected readonly connection: Connection;
  private readonly scratch = Buffer.alloc(64 * 1024);

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    await ready();
    const { connection } = this;
    const { bytes, lengths } = landing;
    const into = { offset: 0 };
    for (let i = 0; i < count; i++) {
      const length = connection.recvBytesIntoSync(bytes, into);
      lengths[i] = length;
      into.offset += length;
    }
    landing.landed(count, into.offset);
  }

  async receiveObjects(received: unknown[], count: number, ready: Ready): Promise<void> {
    await ready();
    for (let i = 0; i < count; i++) received.push(this.connection.recvSync());
  }

  async echo(count: number, ready: Ready): Promise<void> {
    await ready();
    const { connection, scratch } = this;
    let message = scratch;
    for (let i = 0; i < count; i++) {
      const size = connection.recvBytesIntoSync(scratch);
      if (size !== message.length) message = scratch.subarray(0, size);
      connection.sendBytesSync(message);
    }
  }

  extra(): number {
    return this.connection.pollSync({ timeout: 0 }) ? 1 : 0;
  }

  close(): void {
    this.connection.close();
  }
}

export default {
  host: (context) => new PipeHost(context),
  peer: (_context, connection: Connection) => new PipePeer(connection),
} satisfies Driver;
