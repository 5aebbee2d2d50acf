// Handles that cannot travel, or not as they are: the sender is told why, and nothing is put.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';

import { SerializeError } from '../../lib/errors/errors.js';
import { DupFd } from '../../lib/handle/dup-fd.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { expectInvalid } from '../memory/failures.js';
import { connected, program } from './program.js';

/** What is said of a handle that cannot travel. */
function refusalOf(handle: unknown): string {
  using queue = new Queue();
  try {
    queue.putSync({ all: [handle] });
  } catch (error) {
    expect(error).toBeInstanceOf(SerializeError);
    expect(error).toMatchObject({ code: 'ERR_PROCLOOM_HANDLE', path: 'all[0]' });
    expect(queue.empty()).toBe(true);
    return (error as Error).message;
  }
  throw new Error('it was put');
}

describe('a net.Socket', () => {
  test('that is not connected, or destroyed', async () => {
    const socket = new Socket();
    expect(refusalOf(socket)).toMatch(/it is not connected\. Send it after its event 'connect'/);
    const [client, ours] = await connected();
    const connecting = connect(ours.localPort!, '127.0.0.1').on('error', () => {});
    expect(refusalOf(connecting)).toMatch(/it is not connected/);
    for (const one of [client, ours, connecting, socket]) one.destroy();
    expect(refusalOf(ours)).toMatch(/it is destroyed/);
  });

  test('of which something was read', async () => {
    const [client, socket] = await connected();
    client.write('12345');
    await once(socket, 'readable');
    expect(refusalOf(socket)).toMatch(/5 bytes were read from it already.*pauseOnConnect/);
    socket.resume();
    expect(refusalOf(socket)).toMatch(/it is being read here/);
    client.destroy();
    socket.destroy();
  });

  test('that waits for nobody reading: it takes nothing here, so that it can travel', async () => {
    const [client, socket] = await connected({ pauseOnConnect: true });
    await new Promise((resolve) => client.write('12345', resolve));
    using queue = new Queue<Socket>();
    queue.putSync(socket);
    const again = queue.getSync();
    expect(String((await once(again, 'data'))[0])).toBe('12345');
    for (const one of [client, socket, again]) one.destroy();
  });

  test('in which something waits to be written', async () => {
    const [client, socket] = await connected();
    const much = Buffer.alloc(8 << 20);
    while (socket.write(much));
    expect(refusalOf(socket)).toMatch(/bytes are not yet written.*callback of write/);
    client.destroy();
    socket.destroy();
  });

  test('of TLS, of HTTP, of any other class', async () => {
    expect(refusalOf(new TLSSocket(new Socket()))).toMatch(/a TLSSocket: only net\.Socket itself can travel/);
    const http = createHttpServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    expect(refusalOf(http)).toMatch(/a Server: only net\.Server itself can travel.*emit\('connection'/);
    const client = connect((http.address() as { port: number }).port, '127.0.0.1');
    const [socket] = (await once(http, 'connection')) as [Socket];
    expect(refusalOf(socket)).toMatch(/an HTTP server or client reads from it/);
    client.destroy();
    http.close();
  });
});

test('a server that does not listen', () => {
  const server: Server = createServer();
  expect(refusalOf(server)).toMatch(/it does not listen/);
  expect(refusalOf(server.listen(0).close())).toMatch(/it does not listen/);
});

test('a socket for datagrams that is not bound, connected, or closed', async () => {
  const socket = createSocket('udp4');
  expect(refusalOf(socket)).toMatch(/it is not bound/);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.connect(socket.address().port, '127.0.0.1');
  await once(socket, 'connect');
  expect(refusalOf(socket)).toMatch(/it is connected\. disconnect\(\) it first/);
  socket.close();
  expect(refusalOf(socket)).toMatch(/it is closed/);
});

test('what has a descriptor and more', async () => {
  const file = await open(import.meta.filename);
  expect(refusalOf(file)).toMatch(/it cannot be made again of its descriptor\. Send the descriptor alone: new DupFd/);
  await file.close();
});

test('descriptors that are none', async () => {
  expect(refusalOf(new DupFd(999_999))).toMatch(/999999 is no open descriptor/);
  await expectInvalid(() => new DupFd(-1), RangeError, /fd/);
  await expectInvalid(() => new DupFd('1' as never), TypeError, /fd/);
  await expectInvalid(() => new DupFd({} as never), TypeError, /fd/);
});

test('a process is not started with one', () => {
  const target = { module: program, export: 'readOn' };
  const child = new Process({ target, args: [new DupFd(999_999)] });
  expect(() => child.start()).toThrow(expect.objectContaining({ code: 'ERR_PROCLOOM_HANDLE', path: 'args[0]' }));
});
