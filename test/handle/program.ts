// Processes and threads that do one job of fixtures/handle/jobs.mjs, and what the tests do with the other side.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { native } from '../../lib/addon/loader.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';

export const program = fileURLToPath(new URL('../fixtures/handle/jobs.mjs', import.meta.url));

export function start(job: string, ...args: unknown[]): Process {
  return new Process({ target: { module: program, export: job }, args }).start();
}

/** Runs the job in a thread; resolves with its exit code. */
export async function inThread(job: string, ...args: unknown[]): Promise<number> {
  const name = `handles-${randomBytes(8).toString('hex')}`;
  using inbox = new Queue<unknown[]>(0, { name, open: 'create' });
  inbox.putSync([job, ...args]);
  const [code] = (await once(new Worker(program, { workerData: name }), 'exit')) as [number];
  inbox.unlink();
  return code;
}

/** Runs a program that may have few descriptors open, with one message; resolves with its exit code. */
export async function withFewDescriptors(name: string, message: unknown): Promise<number | null> {
  const inboxName = `handles-${randomBytes(8).toString('hex')}`;
  using inbox = new Queue<unknown>(0, { name: inboxName, open: 'create' });
  inbox.putSync(message);
  const path = fileURLToPath(new URL(`../fixtures/handle/${name}`, import.meta.url));
  const command = ['-c', 'ulimit -n 128; exec "$0" "$@"', process.execPath, path, inboxName];
  const [code] = (await once(spawn('sh', command, { stdio: 'inherit' }), 'exit')) as [number | null];
  inbox.unlink();
  return code;
}

/** A connection over TCP: the client's end, and the server's, which nobody reads. */
export async function connected(options: { pauseOnConnect?: boolean } = {}): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true, ...options }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  await once(client, 'connect');
  return [client, socket];
}

/** What the other side answers until it ends. */
export function ask(client: Socket, question: string): Promise<string> {
  client.end(question);
  return text(client);
}

/** How many descriptors of this process are open on the file. */
export function openOn(file: string): number {
  const isOn = (fd: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false; // that of the listing
    }
  };
  return readdirSync('/proc/self/fd').filter(isOn).length;
}

/** The cloakrooms in the private directory. */
export const rooms = (): string[] => readdirSync(native.directory).filter((name) => name.startsWith('fd-'));
