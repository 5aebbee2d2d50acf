/**
 * From the moment in which somebody is about to wake a waiter of another process (or to kill the one for whom it waits)
 * to the moment in which the waiter runs. Each wake is a sample, on the clock that both share; the rate is that of the
 * time in these samples alone.
 */
import { nowNs } from '../cell/clock.js';
import { paceLaps, type Paced } from '../cell/pacing.js';

import { Samples } from '../statistics/samples.js';
import { latencies } from '../verify/latencies.js';
import type { Measurement } from './trial.js';
import { missing, type HostWork, type TrialWork } from './work.js';

/** Wakes of one lap at most. */
const WAKES_IN_LAP = 256;
/** A lap of deaths: as many processes are made for it beforehand. */
const DEATHS_IN_LAP = 4;
/** A percentile wants a number of deaths, and most of the time is that of making processes … */
const DEATHS_A_SECOND = 200;
/** … but not more of it than this: of fewer than a hundred the 99th percentile is the worst. */
const SECONDS_A_SECOND = 20;

type Lap = (first: number, count: number, timed: boolean) => Promise<number>;

function trialOf(pace: (seconds: number, lap: Lap) => Promise<Paced>): TrialWork {
  return {
    host: ({ host, partner, seconds }: HostWork): Promise<Measurement> => measure(host, partner, seconds, pace),

    peer(peer) {
      return async (_first, count, ready) => {
        if (!peer.beWoken) throw missing('beWoken');
        const wokenNs = new Float64Array(count);
        const startedNs = nowNs();
        await peer.beWoken(count, wokenNs, ready);
        return { startedNs, endedNs: nowNs(), wokenNs: [...wokenNs] };
      };
    },
  };
}

async function measure(
  host: HostWork['host'],
  partner: HostWork['partner'],
  seconds: number,
  pace: (seconds: number, lap: Lap) => Promise<Paced>,
): Promise<Measurement> {
  if (!host.wake) throw missing('wake');
  const samples = new Samples();
  const paced = await pace(seconds, async (first, count, timed) => {
    await host.prepareWakes?.(count);
    const wakingNs = new Float64Array(count);
    const { wokenNs } = await partner.lap(first, count, () => host.wake?.(count, wakingNs));
    const lapSamples = latencies(wakingNs, wokenNs);
    if (timed) samples.add(lapSamples);
    return lapSamples.reduce((sum, ns) => sum + ns, 0);
  });
  return { ...paced, bytes: 0, ...samples.percentiles() };
}

export const wakeWork: TrialWork = trialOf((seconds, lap) => paceLaps(WAKES_IN_LAP, seconds, lap));

/** By number rather than by time. */
export const deathWork: TrialWork = trialOf(async (seconds, lap) => {
  await lap(0, DEATHS_IN_LAP, false);
  const endNs = nowNs() + seconds * SECONDS_A_SECOND * 1e9;
  const paced: Paced = { messages: 0, ns: 0, laps: 0 };
  do {
    paced.ns += await lap(DEATHS_IN_LAP + paced.messages, DEATHS_IN_LAP, true);
    paced.messages += DEATHS_IN_LAP;
    paced.laps += 1;
  } while (paced.messages < DEATHS_A_SECOND * seconds && nowNs() < endNs);
  return paced;
});
