/** `value += 1` under the value's lock by two processes at once. The total must be right. */
import { nowNs } from '../cell/clock.js';
import { paceLaps } from '../cell/pacing.js';
import { verifyTotal } from '../verify/total.js';
import { missing, type TrialWork } from './work.js';

/** Increments of both processes in one lap at most. */
const LAP_LIMIT = 1 << 20;

export const contendedWork: TrialWork = {
  async host({ host, partner, seconds }) {
    if (!host.increment || !host.total) throw missing('increment and total');
    let expected = 0;
    const paced = await paceLaps(LAP_LIMIT, seconds, async (first, count) => {
      const times = await partner.lap(first, count / 2, () => host.increment?.(count / 2));
      expected += count;
      verifyTotal(expected, host.total?.());
      // From the first one's start to the last one's end: the moment in which one tells the other to start counts too.
      return Math.max(times.workedNs, times.peerEndedNs) - Math.min(times.startedNs, times.peerStartedNs);
    });
    return { ...paced, bytes: 0 };
  },

  peer(peer) {
    return async (_first, count, ready) => {
      if (!peer.increment) throw missing('increment');
      let startedNs = nowNs();
      await peer.increment(count, async () => {
        await ready();
        startedNs = nowNs();
      });
      return { startedNs, endedNs: nowNs() };
    };
  },
};
