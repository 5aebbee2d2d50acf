/** `value += 1` under the value's lock, in one process that nobody disturbs. The total must be right. */
import { nowNs } from '../cell/clock.js';
import { paceLaps } from '../cell/pacing.js';
import { verifyTotal } from '../verify/total.js';
import { missing, type TrialWork } from './work.js';

const LAP_LIMIT = 1 << 20;

export const incrementWork: TrialWork = {
  async host({ host, seconds }) {
    if (!host.increment || !host.total) throw missing('increment and total');
    let expected = 0;
    const paced = await paceLaps(LAP_LIMIT, seconds, async (_first, count) => {
      const startedNs = nowNs();
      await host.increment?.(count);
      const ns = nowNs() - startedNs;
      expected += count;
      verifyTotal(expected, host.total?.());
      return ns;
    });
    return { ...paced, bytes: 0 };
  },
};
