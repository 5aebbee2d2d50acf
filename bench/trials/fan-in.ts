/** Small objects from several producers to one consumer. Which producer's come first is open; what comes is not. */
import { paceLaps } from '../cell/pacing.js';
import { lapOfRecords, OBJECTS_LAP_LIMIT, readRecords, type RecordKind } from '../data/records.js';
import { verifyObjectsInAnyOrder } from '../verify/objects.js';
import { receiverOf } from './objects.js';
import { missing, type TrialWork } from './work.js';

export function fanInWork(kind: RecordKind, producers: number): TrialWork {
  return {
    async host({ host, partner, seconds }) {
      if (!host.shareOut || !host.sendShares) throw missing('shareOut and sendShares');
      const records = readRecords(kind);
      const paced = await paceLaps(OBJECTS_LAP_LIMIT, seconds, async (first, count) => {
        await host.shareOut?.(lapOfRecords(records, first, count), producers);
        const times = await partner.lap(first, count, () => host.sendShares?.());
        return times.peerEndedNs - times.startedNs;
      });
      return { ...paced, bytes: 0 };
    },

    peer: receiverOf(kind, verifyObjectsInAnyOrder),
  };
}
