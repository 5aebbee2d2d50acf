// Each kind of handle, to processes and threads, as an argument, through a queue and through a pipe.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { getContext } from '../../lib/context/context.js';
import { DupFd } from '../../lib/handle/dup-fd.js';
import { Queue } from '../../lib/queue/queue.js';
import { ask, connected, inThread, program, start } from './program.js';

/** Has the handle done its job over there; ends when that did. `sent` closes this side, before anybody has it. */
type Way = (job: string, handle: unknown, sent: () => void, ...rest: unknown[]) => Promise<void>;

const ways: [string, Way][] = [
  [
    'as an argument of a process',
    async (job, handle, sent, ...rest) => {
      const child = start(job, handle, ...rest);
      sent();
      expect(await child.join()).toBe(0);
    },
  ],
  [
    'through a queue',
    async (job, handle, sent, ...rest) => {
      using queue = new Queue();
      queue.putSync(handle);
      sent();
      expect(await start('fromQueue', queue, job, ...rest).join()).toBe(0);
    },
  ],
  [
    'through a connection, deep in a message',
    async (job, handle, sent, ...rest) => {
      const [ours, theirs] = Pipe();
      const child = start('fromConnection', theirs, job, ...rest);
      theirs.close();
      await ours.send({ deep: [handle] });
      sent();
      ours.close();
      expect(await child.join()).toBe(0);
    },
  ],
  [
    'to a thread',
    async (job, handle, sent, ...rest) => {
      const thread = inThread(job, handle, ...rest);
      sent();
      expect(await thread).toBe(0);
    },
  ],
];

describe.each(ways)('%s', (_name, send) => {
  test('a connection over TCP', async () => {
    const [client, socket] = await connected();
    const done = send('upperCase', socket, () => socket.destroy());
    expect(await ask(client, 'from here')).toBe('FROM HERE');
    await done;
  });

  test('a server', async () => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const done = send('greet', server, () => server.close());
    const client = connect(port, '127.0.0.1');
    expect(JSON.parse(await text(client))).toEqual({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
    await done;
  });

  test('a socket for datagrams', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const done = send('sendBack', socket, () => socket.close());
    const other = createSocket('udp4');
    other.send('there', port, '127.0.0.1');
    const [message] = (await once(other, 'message')) as [Buffer];
    expect(message.toString()).toBe('back: there');
    other.close();
    await done;
  });

  test('a descriptor', async () => {
    using told = new Queue<[boolean, string]>();
    const folder = mkdtempSync(join(tmpdir(), 'descriptor-'));
    writeFileSync(join(folder, 'file'), 'first second');
    const fd = openSync(join(folder, 'file'), 'r');
    readSync(fd, Buffer.alloc(6));
    await send('readOn', new DupFd(fd), () => closeSync(fd), told);
    expect(told.getSync()).toEqual([true, 'second']);
    rmSync(folder, { recursive: true });
  });
});

test.each(['spawn', 'thread'] as const)(
  'an argument { fd } is a descriptor (%s); in a message, or with more, it is data',
  async (method) => {
    using told = new Queue<[boolean, string]>();
    using data = new Queue<unknown>();
    const folder = mkdtempSync(join(tmpdir(), 'descriptor-'));
    writeFileSync(join(folder, 'file'), 'text');
    const fd = openSync(join(folder, 'file'), 'r');
    const target = { module: program, export: 'readOn' };
    const child = new (getContext(method).Process)({ target, args: [{ fd }, told] }).start();
    closeSync(fd);
    expect(await child.join()).toBe(0);
    expect(told.getSync()).toEqual([true, 'text']);
    const alike = [{ fd: 0, name: 'x' }, { fd: -1 }, { fd: '0' }, [{ fd: 0 }]];
    const echo = new (getContext(method).Process)({
      target: { module: program, export: 'putAll' },
      args: [data, ...alike],
    }).start();
    expect(await echo.join()).toBe(0);
    expect(data.getSync()).toEqual(alike);
    data.putSync({ fd: 0 });
    expect(data.getSync()).toEqual({ fd: 0 });
    rmSync(folder, { recursive: true });
  },
);

describe('within one thread, too', () => {
  test('a connection over a Unix socket, both ends and both ways', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unix-'));
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    const client = connect(join(folder, 'socket'));
    const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [[Socket], never];
    using queue = new Queue<Socket[]>();
    queue.putSync([client, socket, client]);
    client.destroy();
    socket.destroy();
    const [left, right, again] = queue.getSync();
    expect(again, 'the same object is the same object').toBe(left);
    expect(left).toBeInstanceOf(Socket);
    left!.end('over');
    expect(await text(right!)).toBe('over');
    left!.destroy();
    right!.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });

  test('half-closed ones stay so, and allowHalfOpen does', async () => {
    const [client, socket] = await connected();
    socket.end();
    await once(socket, 'finish');
    using queue = new Queue<Socket>();
    queue.putSync(socket);
    const again = queue.getSync();
    expect([socket.allowHalfOpen, again.allowHalfOpen, again.writable, again.readable]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    client.end('last words');
    expect(await text(again)).toBe('last words');
    client.destroy();
    socket.destroy();
    again.destroy();
  });

  test("the sender's own stays open, and reads on when it is told to", async () => {
    const [client, socket] = await connected();
    using queue = new Queue<Socket>();
    queue.putSync(socket);
    const copy = queue.getSync();
    copy.write('from the copy, ');
    await new Promise((resolve) => copy.write('all of it, ', resolve));
    socket.end('from the original');
    copy.destroy();
    expect(await text(client)).toBe('from the copy, all of it, from the original');
    const [first, other] = await connected();
    queue.putSync(other);
    queue.getSync().destroy();
    first.end('to the original');
    expect(await text(other)).toBe('to the original');
    for (const end of [client, socket, first, other]) end.destroy();
  });

  test('a server keeps what it was made with', async () => {
    const server = createServer({ keepAlive: true, keepAliveInitialDelay: 5000 }).listen(0, '127.0.0.1');
    server.maxConnections = 3;
    await once(server, 'listening');
    using queue = new Queue<Server & { keepAlive: boolean; keepAliveInitialDelay: number }>();
    queue.putSync(server as never);
    const again = queue.getSync();
    expect(again.address()).toEqual(server.address());
    expect([again.maxConnections, again.keepAlive, again.keepAliveInitialDelay]).toEqual([3, true, 5]);
    server.close();
    again.close();
  });

  test('whatever has an fd is a descriptor; a plain { fd } is data', async () => {
    const file = await open(import.meta.filename);
    using queue = new Queue<DupFd>();
    queue.putSync(new DupFd(file));
    const { fd } = queue.getSync();
    expect(fd).not.toBe(file.fd);
    await file.close();
    expect(readSync(fd, Buffer.alloc(8))).toBe(8);
    closeSync(fd);
    queue.putSync({ fd: 1_000_000 } as never);
    expect(queue.getSync()).toEqual({ fd: 1_000_000 });
  });
});
