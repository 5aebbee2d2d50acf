/** Finds the program of a trial's job. */
import { bytesWork } from './bytes.js';
import { contendedWork } from './contended.js';
import { fanInWork } from './fan-in.js';
import { incrementWork } from './increment.js';
import { lockWork } from './lock.js';
import { objectsWork } from './objects.js';
import { parkedRoundTripWork } from './parked-round-trip.js';
import { roundTripWork } from './round-trip.js';
import { startWork } from './start.js';
import type { Job } from './trial.js';
import { deathWork, wakeWork } from './wake.js';
import { wakesInTurnWork } from './wakes-in-turn.js';
import type { TrialWork } from './work.js';

export function workOf(job: Job): TrialWork {
  switch (job.kind) {
    case 'bytes':
    case 'large-bytes':
      return bytesWork(job.messageBytes);
    case 'objects':
      return objectsWork(job.records);
    case 'fan-in':
      return fanInWork(job.records, job.producers);
    case 'round-trip':
      return roundTripWork(job.messageBytes);
    case 'parked-round-trip':
      return parkedRoundTripWork(job.messageBytes, job.everyMs);
    case 'lock':
      return lockWork;
    case 'increment':
      return incrementWork;
    case 'contended':
      return contendedWork;
    case 'wake-thread':
    case 'wake-loop':
      return wakeWork;
    case 'wakes-in-turn':
      return wakesInTurnWork;
    case 'death-thread':
    case 'death-loop':
      return deathWork;
    case 'start-call':
      return startWork('call');
    case 'start-line':
      return startWork('line');
    case 'start-end':
      return startWork('end');
  }
}
