/** Starting a process or a thread, one after the other: each start is a sample. */
import { paceLaps } from '../cell/pacing.js';
import type { StartTimes } from '../drivers/driver.js';
import { Samples } from '../statistics/samples.js';
import { missing, type TrialWork } from './work.js';

/** Starts of one lap at most. */
const LAP_LIMIT = 2;

/** Until when it is measured. */
export type StartSpan = 'call' | 'line' | 'end';

const spans: Record<StartSpan, (times: StartTimes) => number> = {
  call: ({ startedNs, calledNs }) => calledNs - startedNs,
  line: ({ startedNs, lineNs }) => lineNs - startedNs,
  end: ({ startedNs, endedNs }) => endedNs - startedNs,
};

export function startWork(until: StartSpan): TrialWork {
  return {
    async host({ host, seconds }) {
      if (!host.startOne) throw missing('startOne');
      const samples = new Samples();
      const paced = await paceLaps(LAP_LIMIT, seconds, async (_first, count, timed) => {
        const lapSamples = new Float64Array(count);
        for (let i = 0; i < count; i++) {
          await host.beforeStart?.();
          lapSamples[i] = spans[until](await host.startOne!());
        }
        if (timed) samples.add(lapSamples);
        return lapSamples.reduce((sum, ns) => sum + ns, 0);
      });
      return { ...paced, bytes: 0, ...samples.percentiles() };
    },
  };
}
