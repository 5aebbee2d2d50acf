/** Finds the program of a trial's job. */
import { bytesWork } from './bytes.js';
import { contendedWork } from './contended.js';
import { incrementWork } from './increment.js';
import { lockWork } from './lock.js';
import { objectsWork } from './objects.js';
import { roundTripWork } from './round-trip.js';
import type { Job } from './trial.js';
import { deathWork, wakeWork } from './wake.js';
import type { TrialWork } from './work.js';

export function workOf(job: Job): TrialWork {
  switch (job.kind) {
    case 'bytes':
      return bytesWork(job.messageBytes);
    case 'objects':
      return objectsWork(job.records);
    case 'round-trip':
      return roundTripWork(job.messageBytes);
    case 'lock':
      return lockWork;
    case 'increment':
      return incrementWork;
    case 'contended':
      return contendedWork;
    case 'wake-thread':
    case 'wake-loop':
      return wakeWork;
    case 'death-thread':
    case 'death-loop':
      return deathWork;
  }
}
