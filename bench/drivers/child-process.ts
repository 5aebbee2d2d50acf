/**
 * child_process: fork() with its IPC channel, in one of its two serializations. Parent sends, child receives.
 *
 * Bytes travel as Uint8Array in 'advanced', and as base64 strings in 'json', which has nothing for bytes (a Buffer
 * becomes an array of decimal numbers there, several times slower); encoding and decoding is part of the time.
 *
 * Backpressure: send() queues without limit. Every so often a message asks to be told when it is written, and no more
 * than two such batches are under way. Asking with every message, or never, was nowhere reliably faster.
 */
import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import type { Landing } from '../verify/landing.js';
import { Inbox } from './inbox.js';
import { peerScript } from './peer-script.js';

type Serialization = 'json' | 'advanced';

/** How bytes look on the channel, and back. */
interface Form {
  encode(bytes: Uint8Array): Serializable;
  decode(message: Serializable): Uint8Array;
}

const forms: Record<Serialization, Form> = {
  json: {
    encode: (bytes) => (bytes as Buffer).toString('base64'),
    decode: (message) => Buffer.from(message as string, 'base64'),
  },
  advanced: {
    encode: (bytes) => bytes as unknown as Serializable,
    decode: (message) => message as unknown as Uint8Array,
  },
};

const BATCH_MESSAGES = 64;
const BATCH_BYTES = 256 * 1024;

export function childProcessDriver(serialization: Serialization): Driver {
  return {
    host: (context) => new ChildProcessHost(context, serialization),
    peer: (_context) => new ChildProcessPeer(serialization),
  };
}

class ChildProcessHost implements Host {
  private readonly child: ChildProcess;
  private readonly form: Form;
  private readonly inbox = new Inbox<Serializable>();

  constructor(context: Context, serialization: Serialization) {
    this.form = forms[serialization];
    // The host's standard output is the outcome's: the child gets none of it.
    this.child = fork(peerScript, [context.peerSpec], { serialization, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.child.on('message', this.inbox.deliver);
    // What could not be sent to one that has ended: its end is what the cell is to fail by.
    this.child.on('error', () => {});
  }

  sendBytes(messages: readonly Buffer[]): Promise<void> {
    const { encode } = this.form;
    const batch = Math.max(1, Math.min(BATCH_MESSAGES, Math.floor(BATCH_BYTES / messages[0].length)));
    return this.sendAll(messages.length, batch, (i) => encode(messages[i]));
  }

  sendObjects(objects: readonly object[]): Promise<void> {
    return this.sendAll(objects.length, BATCH_MESSAGES, (i) => objects[i]);
  }

  private async sendAll(count: number, batch: number, message: (i: number) => Serializable): Promise<void> {
    let before = Promise.resolve();
    for (let start = 0; start < count; start += batch) {
      const last = Math.min(start + batch, count) - 1;
      for (let i = start; i < last; i++) this.child.send(message(i));
      const written = new Promise<void>((resolve) => {
        this.child.send(message(last), () => resolve());
      });
      await before;
      before = written;
    }
    await before;
  }

  ping(messages: readonly Buffer[], samples: Float64Array, landing: Landing): Promise<void> {
    const { encode, decode } = this.form;
    let i = 0;
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      this.child.send(encode(messages[i]));
    };
    const done = this.inbox.expect(messages.length, (message) => {
      landing.keep(decode(message));
      samples[i] = (performance.now() - sentAt) * 1e6;
      if (++i < messages.length) send();
    });
    send();
    return done;
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }
}

class ChildProcessPeer implements Peer {
  private readonly form: Form;
  private readonly inbox = new Inbox<Serializable>();

  constructor(serialization: Serialization) {
    this.form = forms[serialization];
    process.on('message', this.inbox.deliver as (message: unknown) => void);
  }

  async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    const { decode } = this.form;
    const done = this.inbox.expect(count, (message) => landing.keep(decode(message)));
    await ready();
    await done;
  }

  async receiveObjects(received: unknown[], count: number, ready: Ready): Promise<void> {
    const done = this.inbox.expect(count, (message) => received.push(message));
    await ready();
    await done;
  }

  async echo(count: number, ready: Ready): Promise<void> {
    const { encode, decode } = this.form;
    // Decoded and encoded again: an echo that had not looked at its bytes would be a relay.
    const done = this.inbox.expect(count, (message) => process.send?.(encode(decode(message))));
    await ready();
    await done;
  }

  extra(): number {
    return this.inbox.extra;
  }

  close(): void {
    process.disconnect();
  }
}
