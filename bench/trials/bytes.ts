/** One way: the node binary in messages of one size, as fast as the receiver takes them. */
import { nowNs } from '../cell/clock.js';
import { paceLaps } from '../cell/pacing.js';
import { Binary } from '../data/binary.js';
import { verifyBytes } from '../verify/bytes.js';
import { Landing } from '../verify/landing.js';
import { missing, type TrialWork } from './work.js';

export function bytesWork(messageBytes: number): TrialWork {
  return {
    async host({ host, partner, seconds }) {
      if (!host.sendBytes) throw missing('sendBytes');
      const binary = new Binary(messageBytes);
      let bytes = 0;
      const paced = await paceLaps(binary.lapLimit, seconds, async (first, count, timed) => {
        const messages = binary.lap(first, count);
        const prepared = host.prepareBytes?.(messages) ?? messages;
        const times = await partner.lap(first, count, () => host.sendBytes?.(prepared));
        if (timed) for (const message of messages) bytes += message.length;
        return times.peerEndedNs - times.startedNs;
      });
      return { ...paced, bytes };
    },

    peer(peer) {
      const binary = new Binary(messageBytes);
      const landing = new Landing(messageBytes, binary.lapLimit);
      return async (first, count, ready) => {
        if (!peer.receiveBytes) throw missing('receiveBytes');
        landing.clear();
        landing.expect(binary, first);
        const startedNs = nowNs();
        await peer.receiveBytes(landing, count, ready);
        const endedNs = nowNs();
        await peer.afterLap?.(landing);
        verifyBytes(binary, first, count, landing);
        return { startedNs, endedNs };
      };
    },
  };
}
