/** A lock that nobody else wants: taken and let go, again and again, in one process. */
import { nowNs } from '../cell/clock.js';
import { paceLaps } from '../cell/pacing.js';
import { missing, type TrialWork } from './work.js';

/** Operations of one lap at most. */
const LAP_LIMIT = 1 << 20;

export const lockWork: TrialWork = {
  async host({ host, seconds }) {
    if (!host.acquireRelease) throw missing('acquireRelease');
    const paced = await paceLaps(LAP_LIMIT, seconds, async (_first, count) => {
      const startedNs = nowNs();
      await host.acquireRelease?.(count);
      return nowNs() - startedNs;
    });
    return { ...paced, bytes: 0 };
  },
};
