/** procloom's Pipe with the verbs that are awaited: sendBytes → recvBytesInto, and send → recv for objects. */
import { Pipe, type Connection, type Process } from 'procloom';
import type { Landing } from '../verify/landing.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';

class AsyncPipeHost implements Host {
  private readonly connection: Connection;
  private readonly child: Process;

  constructor(context: Context) {
    const [near, far] = Pipe();
    this.connection = near;
    this.child = startPeer(context, far);
    far.close();
  }

  async sendBytes(messages: readonly Buffer[]): Promise<void> {
    for (let i = 0; i < messages.length; i++) await this.connection.sendBytes(messages[i]);
  }

  async sendObjects(objects: readonly object[]): Promise<void> {
    for (let i = 0; i < objects.length; i++) await this.connection.send(objects[i]);
  }

  async ping(messages: readonly Buffer[], samples: Float64Array, landing: Landing): Promise<void> {
    const { connection } = this;
    const into = { offset: 0 };
    let before = performance.now();
    for (let i = 0; i < messages.length; i++) {
      await connection.sendBytes(messages[i]);
      const length = await connection.recvBytesInto(landing.bytes, into);
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

class AsyncPipePeer implements Peer {
  private readonly connection: Connection;
  private readonly scratch = Buffer.alloc(64 * 1024);

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    await ready();
    const { bytes, lengths } = landing;
    const into = { offset: 0 };
    for (let i = 0; i < count; i++) {
      const length = await this.connection.recvBytesInto(bytes, into);
      lengths[i] = length;
      into.offset += length;
    }
    landing.landed(count, into.offset);
  }

  async receiveObjects(received: unknown[], count: number, ready: Ready): Promise<void> {
    await ready();
    for (let i = 0; i < count; i++) received.push(await this.connection.recv());
  }

  async echo(count: number, ready: Ready): Promise<void> {
    await ready();
    const { connection, scratch } = this;
    for (let i = 0; i < count; i++) {
      const size = await connection.recvBytesInto(scratch);
      await connection.sendBytes(scratch, { size });
    }
  }

  async extra(): Promise<number> {
    return (await this.connection.poll({ timeout: 0 })) ? 1 : 0;
  }

  close(): void {
    this.connection.close();
  }
}

export default {
  host: (context) => new AsyncPipeHost(context),
  peer: (_context, connection: Connection) => new AsyncPipePeer(connection),
} satisfies Driver;
