/** There and back, one message at a time: measured where it begins, each trip a sample, every echo verified. */
import { nowNs } from '../cell/clock.js';
import { paceLaps } from '../cell/pacing.js';
import { Binary } from '../data/binary.js';
import { Samples } from '../statistics/samples.js';
import { verifyBytes } from '../verify/bytes.js';
import { Landing } from '../verify/landing.js';
import { missing, type TrialWork } from './work.js';

export function roundTripWork(messageBytes: number): TrialWork {
  return {
    async host({ host, partner, seconds }) {
      if (!host.ping) throw missing('ping');
      const binary = new Binary(messageBytes);
      const landing = new Landing(messageBytes, binary.lapLimit);
      const samples = new Samples();
      const paced = await paceLaps(binary.lapLimit, seconds, async (first, count, timed) => {
        const messages = binary.lap(first, count);
        const prepared = host.prepareBytes?.(messages) ?? messages;
        const lapSamples = new Float64Array(count);
        landing.clear();
        const times = await partner.lap(first, count, () => host.ping?.(prepared, lapSamples, landing));
        verifyBytes(binary, first, count, landing);
        if (timed) samples.add(lapSamples);
        return times.workedNs - times.startedNs;
      });
      return { ...paced, bytes: 0, ...samples.percentiles() };
    },

    peer(peer) {
      return async (_first, count, ready) => {
        if (!peer.echo) throw missing('echo');
        const startedNs = nowNs();
        await peer.echo(count, ready);
        return { startedNs, endedNs: nowNs() };
      };
    },
  };
}
