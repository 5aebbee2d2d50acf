/**
 * A unix-domain socket by node:net, each message preceded by its length. Objects travel as JSON, which is faster here
 * than v8.serialize(). Small messages share writes, the reader reads into memory of its own (`onread`), and a full
 * socket is waited for.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, createConnection, type Socket } from 'node:net';
import type { Landing } from '../verify/landing.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { FrameReader, FrameWriter } from './framing.js';
import { Inbox } from './inbox.js';
import { peerScript } from './peer-script.js';

const READ_BYTES = 256 * 1024;
/** The largest message, for what is no lap of bytes. */
const SCRATCH_BYTES = 2 * 1024 * 1024;

async function openHost(context: Context): Promise<Host> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(context.socketPath, resolve));
  const child = spawn(process.execPath, [peerScript, context.peerSpec], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  return new SocketHost(socket, child);
}

class SocketHost implements Host {
  private readonly socket: Socket;
  private readonly writer: FrameWriter;
  private readonly ended: Promise<unknown>;

  constructor(socket: Socket, child: ChildProcess) {
    this.socket = socket;
    this.writer = new FrameWriter(socket);
    this.ended = once(child, 'exit');
  }

  async sendBytes(messages: readonly Buffer[]): Promise<void> {
    for (let i = 0; i < messages.length; i++) if (!this.writer.write(messages[i])) await this.writer.drained();
    if (!this.writer.flush()) await this.writer.drained();
  }

  async sendObjects(objects: readonly object[]): Promise<void> {
    for (let i = 0; i < objects.length; i++) {
      if (!this.writer.write(Buffer.from(JSON.stringify(objects[i])))) await this.writer.drained();
    }
    if (!this.writer.flush()) await this.writer.drained();
  }

  ping(messages: readonly Buffer[], samples: Float64Array, landing: Landing): Promise<void> {
    return new Promise((resolve) => {
      let i = 0;
      let sentAt = 0;
      const send = (): void => {
        sentAt = performance.now();
        this.writer.write(messages[i]);
        this.writer.flush();
      };
      const reader = new FrameReader((length) => {
        samples[i] = (performance.now() - sentAt) * 1e6;
        landing.lengths[i] = length;
        reader.offset += length;
        if (++i < messages.length) return send();
        landing.landed(i, reader.offset);
        this.socket.off('data', onData);
        resolve();
      });
      reader.target = landing.bytes;
      const onData = (chunk: Buffer): void => reader.push(chunk, chunk.length);
      this.socket.on('data', onData);
      send();
    });
  }

  async close(): Promise<void> {
    this.socket.end();
    await this.ended;
  }
}

class SocketPeer implements Peer {
  private readonly socket: Socket;
  private readonly reader: FrameReader;
  private readonly inbox = new Inbox<number>();
  private readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  constructor(path: string) {
    this.reader = new FrameReader(this.inbox.deliver);
    this.reader.target = this.scratch;
    this.socket = createConnection({
      path,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
        callback: (size, chunk) => {
          this.reader.push(chunk as Buffer, size);
          return true;
        },
      },
    });
  }

  async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    const { reader } = this;
    reader.target = landing.bytes;
    let i = 0;
    const done = this.inbox.expect(count, (length) => {
      landing.lengths[i++] = length;
      reader.offset += length;
    });
    await ready();
    await done;
    landing.landed(count, reader.offset);
    this.useScratch();
  }

  async receiveObjects(received: unknown[], count: number, ready: Ready): Promise<void> {
    this.useScratch();
    const done = this.inbox.expect(count, (length) =>
      received.push(JSON.parse(this.scratch.toString('utf8', 0, length))),
    );
    await ready();
    await done;
  }

  async echo(count: number, ready: Ready): Promise<void> {
    this.useScratch();
    const writer = new FrameWriter(this.socket);
    const done = this.inbox.expect(count, (length) => {
      writer.write(this.scratch.subarray(0, length));
      writer.flush();
    });
    await ready();
    await done;
  }

  extra(): number {
    return this.inbox.extra;
  }

  close(): void {
    this.socket.end();
  }

  private useScratch(): void {
    this.reader.target = this.scratch;
    this.reader.offset = 0;
  }
}

export default {
  host: openHost,
  peer: (context) => new SocketPeer(context.socketPath),
} satisfies Driver;
