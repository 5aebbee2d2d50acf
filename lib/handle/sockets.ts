/** net.Socket and net.Server: TCP and Unix sockets. */
import type * as Net from 'node:net';

import type { ShareableKind } from '../serialize/shareables.js';
import { Passage } from './passage.js';
import { checkClass, checkFd, refusal } from './refusal.js';

const net = (): typeof Net => process.getBuiltinModule('node:net');

/** What Node keeps to itself. */
interface StreamHandle {
  fd?: number;
  reading?: boolean;
  readStop?(): void;
}
type Socket = Net.Socket & { _handle?: StreamHandle | null; _readableState: { reading: boolean }; parser?: unknown };
type Server = Net.Server & ServerOptions & { _handle?: StreamHandle | null };

const handleOf = ({ _handle: handle }: Socket | Server) => handle;

interface SentSocket {
  passage: Passage;
  writable: boolean;
  allowHalfOpen: boolean;
}

const socketName = 'a net.Socket';

function checkSocket(socket: Socket): number {
  checkClass(
    socket,
    net().Socket,
    'net.Socket',
    'Of TLS, terminals and the like the state is in this process: send the plain socket before, or new DupFd(its fd).',
  );
  if (socket.destroyed) throw refusal(socketName, 'it is destroyed', 'Destroy it after it was sent.');
  const handle = handleOf(socket);
  if (socket.connecting || !handle) {
    throw refusal(socketName, 'it is not connected', "Send it after its event 'connect'.");
  }
  if (socket.parser) {
    throw refusal(socketName, 'an HTTP server or client reads from it', "Send it when it is its own: at 'upgrade'.");
  }
  if (socket.readableFlowing === true) {
    throw refusal(socketName, 'it is being read here', 'pause() it first, or listen with { pauseOnConnect: true }.');
  }
  if (socket.readableLength > 0) {
    throw refusal(
      socketName,
      `${socket.readableLength} bytes were read from it already, which would be missing over there`,
      'Read them first, or let it read nothing here: net.createServer({ pauseOnConnect: true }).',
    );
  }
  if (socket.writableLength > 0) {
    throw refusal(
      socketName,
      `${socket.writableLength} bytes are not yet written`,
      'Send it when they are: in the callback of write().',
    );
  }
  return checkFd(handle, socketName);
}

/** It stays open here, but takes no more bytes by itself: they would be missing over there. resume() goes on. */
function stopReading({ _handle: handle, _readableState: state }: Socket): void {
  if (handle?.reading !== true) return;
  handle.reading = false;
  handle.readStop?.();
  state.reading = false;
}

export const socketKind: ShareableKind<Socket, SentSocket> = {
  kind: 'net.Socket',
  composed: true,
  describe(socket) {
    const passage = Passage.leave(checkSocket(socket), socketName);
    stopReading(socket);
    return { passage, writable: !socket.writableEnded, allowHalfOpen: socket.allowHalfOpen };
  },
  revive: ({ passage, writable, allowHalfOpen }) =>
    passage.into(
      // It reads when somebody wants to: until then it can travel on.
      (fd) =>
        new (net().Socket)({ fd, readable: true, writable, allowHalfOpen, manualStart: true } as object) as Socket,
      (socket) => socket.destroy(),
    ),
};

/** Options of a server that are its properties, too. */
interface ServerOptions {
  allowHalfOpen?: boolean;
  pauseOnConnect?: boolean;
  noDelay?: boolean;
  keepAlive?: boolean;
  /** Of a server: in seconds. */
  keepAliveInitialDelay?: number;
  highWaterMark?: number;
}
interface SentServer {
  passage: Passage;
  options: ServerOptions;
  maxConnections: number | undefined;
}

const serverName = 'a net.Server';

export const serverKind: ShareableKind<Server, SentServer> = {
  kind: 'net.Server',
  composed: true,
  describe(server) {
    checkClass(
      server,
      net().Server,
      'net.Server',
      "Listen with a net.Server, and let one of that class have its connections over there: server.emit('connection', socket).",
    );
    if (!server.listening) throw refusal(serverName, 'it does not listen', "Send it after its event 'listening'.");
    const passage = Passage.leave(checkFd(handleOf(server), serverName), serverName);
    const { allowHalfOpen, pauseOnConnect, noDelay, keepAlive, highWaterMark } = server;
    const keepAliveInitialDelay = (server.keepAliveInitialDelay ?? 0) * 1000;
    const options = { allowHalfOpen, pauseOnConnect, noDelay, keepAlive, keepAliveInitialDelay, highWaterMark };
    return { passage, options: options as ServerOptions, maxConnections: server.maxConnections };
  },
  revive: ({ passage, options, maxConnections }) =>
    passage.into(
      (fd) => {
        const server = new (net().Server)(options);
        if (maxConnections !== undefined) server.maxConnections = maxConnections;
        // Exclusive: in a worker of node:cluster, too, it is this process's descriptor.
        return server.listen({ fd, exclusive: true } as Net.ListenOptions) as Server;
      },
      (server) => server.close(),
    ),
};
