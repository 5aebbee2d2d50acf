/** dgram.Socket: UDP. */
import type * as Dgram from 'node:dgram';

import type { ShareableKind } from '../serialize/shareables.js';
import { Passage } from './passage.js';
import { checkClass, checkFd, refusal } from './refusal.js';

const dgram = (): typeof Dgram => process.getBuiltinModule('node:dgram');

/** What Node keeps to itself, under a symbol. */
interface State {
  handle?: { fd?: number } | null;
}
type Socket = Dgram.Socket & { type: Dgram.SocketType };

interface SentSocket {
  passage: Passage;
  type: Dgram.SocketType;
}

const name = 'a dgram.Socket';

function stateOf(socket: Socket): State | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  return symbol && (socket as unknown as Record<symbol, State>)[symbol];
}

function isConnected(socket: Socket): boolean {
  try {
    socket.remoteAddress();
    return true;
  } catch {
    return false;
  }
}

function checkSocket(socket: Socket): number {
  checkClass(socket, dgram().Socket, 'dgram.Socket', 'Send a plain one.');
  const handle = stateOf(socket)?.handle;
  if (!handle) throw refusal(name, 'it is closed', 'Close it after it was sent.');
  if ((handle.fd ?? 0) < 0) throw refusal(name, 'it is not bound', "Send it after its event 'listening'.");
  if (isConnected(socket)) {
    throw refusal(name, 'it is connected', 'disconnect() it first, and connect() over there.');
  }
  if (socket.getSendQueueCount() > 0) {
    throw refusal(
      name,
      `${socket.getSendQueueCount()} datagrams are not yet sent`,
      'Send it when they are: in the callback of send().',
    );
  }
  return checkFd(handle, name);
}

export const datagramKind: ShareableKind<Socket, SentSocket> = {
  kind: 'dgram.Socket',
  composed: true,
  describe: (socket) => ({ passage: Passage.leave(checkSocket(socket), name), type: socket.type }),
  revive: ({ passage, type }) =>
    passage.into(
      (fd) => dgram().createSocket(type).bind({ fd, exclusive: true }) as Socket,
      (socket) => {
        socket.close();
      },
    ),
};
