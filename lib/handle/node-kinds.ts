/** Node's own objects that travel: which they are. Their classes are not loaded for those who send none of them. */
import { registerForeign, registerKind, type ShareableKind } from '../serialize/shareables.js';
import { datagramKind } from './datagrams.js';
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

for (const kind of [socketKind, serverKind, datagramKind]) registerKind(kind as unknown as ShareableKind);

registerForeign((object) => {
  const net = process.getBuiltinModule('node:net');
  if (object instanceof net.Socket) return socketKind as unknown as ShareableKind;
  if (object instanceof net.Server) return serverKind as unknown as ShareableKind;
  if (object instanceof process.getBuiltinModule('node:dgram').Socket) return datagramKind as unknown as ShareableKind;
  return typeof (object as { fd?: unknown }).fd === 'number' ? refusedKind : undefined;
});
