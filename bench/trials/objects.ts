/** One way: records of package-lock.json, whole or cut down to small objects. */
import { nowNs } from '../cell/clock.js';
import { paceLaps } from '../cell/pacing.js';
import { lapOfRecords, OBJECTS_LAP_LIMIT, readRecords, type RecordKind } from '../data/records.js';
import { verifyObjects } from '../verify/objects.js';
import { missing, type TrialWork } from './work.js';

export function objectsWork(kind: RecordKind): TrialWork {
  return {
    async host({ host, partner, seconds }) {
      if (!host.sendObjects) throw missing('sendObjects');
      const records = readRecords(kind);
      const paced = await paceLaps(OBJECTS_LAP_LIMIT, seconds, async (first, count) => {
        const objects = lapOfRecords(records, first, count);
        await host.prepareObjects?.(objects);
        const times = await partner.lap(first, count, () => host.sendObjects?.(objects));
        return times.peerEndedNs - times.startedNs;
      });
      return { ...paced, bytes: 0 };
    },

    peer: receiverOf(kind, verifyObjects),
  };
}

/** The half that receives a lap of them, and looks whether it is what was sent. */
export function receiverOf(
  kind: RecordKind,
  verify: (...args: Parameters<typeof verifyObjects>) => unknown,
): NonNullable<TrialWork['peer']> {
  return (peer) => {
    const records = readRecords(kind);
    return async (first, count, ready) => {
      if (!peer.receiveObjects) throw missing('receiveObjects');
      const received: unknown[] = [];
      const startedNs = nowNs();
      await peer.receiveObjects(received, count, ready);
      const endedNs = nowNs();
      verify(records, first, count, received);
      return { startedNs, endedNs };
    };
  };
}
