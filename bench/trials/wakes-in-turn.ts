/**
 * Two event loops that wake each other in turn: measured where it begins, there and back, each turn a sample. Beside the
 * wakes of wake.ts, whose waiters have slept for a while, these come when the other has only just begun to wait.
 */
import { nowNs } from '../cell/clock.js';
import { paceLaps } from '../cell/pacing.js';
import { Samples } from '../statistics/samples.js';
import { missing, type TrialWork } from './work.js';

/** Turns of one lap at most. */
const LAP_LIMIT = 4096;

export const wakesInTurnWork: TrialWork = {
  async host({ host, partner, seconds }) {
    if (!host.wakeInTurn) throw missing('wakeInTurn');
    const samples = new Samples();
    const paced = await paceLaps(LAP_LIMIT, seconds, async (first, count, timed) => {
      const lapSamples = new Float64Array(count);
      const times = await partner.lap(first, count, () => host.wakeInTurn?.(lapSamples));
      if (timed) samples.add(lapSamples);
      return times.workedNs - times.startedNs;
    });
    return { ...paced, bytes: 0, ...samples.percentiles() };
  },

  peer(peer) {
    return async (_first, count, ready) => {
      if (!peer.answerWakes) throw missing('answerWakes');
      const startedNs = nowNs();
      await peer.answerWakes(count, ready);
      return { startedNs, endedNs: nowNs() };
    };
  },
};
