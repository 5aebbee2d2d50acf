/**
 * There and back, one message now and then: by the time it comes, whoever waits for it has gone to sleep. Each trip is a
 * sample and is verified; the rate is that of the time in these samples alone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { paceLaps } from '../cell/pacing.js';
import { Binary } from '../data/binary.js';
import { Samples } from '../statistics/samples.js';
import { verifyBytes } from '../verify/bytes.js';
import { Landing } from '../verify/landing.js';
import { roundTripWork } from './round-trip.js';
import { missing, type TrialWork } from './work.js';

/** Trips of one lap at most. */
const LAP_LIMIT = 16;

export function parkedRoundTripWork(messageBytes: number, everyMs: number): TrialWork {
  return {
    async host({ host, partner, seconds }) {
      const ping = host.ping?.bind(host);
      if (!ping) throw missing('ping');
      const binary = new Binary(messageBytes);
      const landing = new Landing(messageBytes, 1);
      const samples = new Samples();
      const paced = await paceLaps(LAP_LIMIT, seconds, async (first, count, timed) => {
        const lapSamples = new Float64Array(count);
        await partner.lap(first, count, async () => {
          for (let i = 0; i < count; i++) {
            await sleep(everyMs);
            landing.clear();
            const messages = binary.lap(first + i, 1);
            await ping(host.prepareBytes?.(messages) ?? messages, lapSamples.subarray(i, i + 1), landing);
            verifyBytes(binary, first + i, 1, landing);
          }
        });
        if (timed) samples.add(lapSamples);
        return lapSamples.reduce((sum, ns) => sum + ns, 0);
      });
      return { ...paced, bytes: 0, ...samples.percentiles() };
    },

    peer: roundTripWork(messageBytes).peer,
  };
}
