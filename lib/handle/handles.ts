/**
 * Open handles that travel: which of Node's objects they are.
 *
 * The classes are not ours, and a program that sends none of their objects need not load them: an object is asked for its
 * class only when it is an EventEmitter that is about to be sent.
 */
import { EventEmitter } from 'node:events';

import { registerForeign, type ShareableKind } from '../serialize/shareables.js';
import { datagramKind } from './datagrams.js';
import './dup-fd.js';
import { refusal } from './refusal.js';
import { serverKind, socketKind } from './sockets.js';

/** Of those that have a descriptor and could not be made of it again. */
const refusedKind: ShareableKind = {
  kind: '',
  describe(object) {
    throw refusal(
      `a ${object.constructor.name}`,
      'it cannot be made again of its descriptor',
      'Send the descriptor alone: new DupFd(it).',
    );
  },
  revive: () => ({}),
};

function kindOf(object: object): ShareableKind | undefined {
  // FileHandle is one of some versions of Node's.
  if (!(object instanceof EventEmitter)) return object.constructor?.name === 'FileHandle' ? refusedKind : undefined;
  const net = process.getBuiltinModule('node:net');
  if (object instanceof net.Socket) return socketKind as unknown as ShareableKind;
  if (object instanceof net.Server) return serverKind as unknown as ShareableKind;
  if (object instanceof process.getBuiltinModule('node:dgram').Socket) return datagramKind as unknown as ShareableKind;
  return typeof (object as { fd?: unknown }).fd === 'number' ? refusedKind : undefined;
}

registerForeign([socketKind, serverKind, datagramKind] as unknown as ShareableKind[], kindOf);
