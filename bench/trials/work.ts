/** The two halves of a trial's program: what the host does with its partner, and what the peer does for a lap. */
import type { Partner } from '../cell/partner.js';
import type { Host, Peer, Ready } from '../drivers/driver.js';
import type { Measurement } from './trial.js';

export interface HostWork {
  host: Host;
  partner: Partner;
  seconds: number;
}

/** When a lap of the peer began and ended; where each of its wakes is a sample, when each was. */
export interface PeerTimes {
  startedNs: number;
  endedNs: number;
  wokenNs?: number[];
}

/** One lap of the peer. Verifies what it got and throws if that is not what was sent. */
export type PeerLap = (first: number, count: number, ready: Ready) => Promise<PeerTimes>;

export interface TrialWork {
  host(work: HostWork): Promise<Measurement>;
  /** Called once, before the first lap; undefined where the trial has no second process. */
  peer?(peer: Peer): PeerLap;
}

/** The driver was asked for a job that its module does not do: the catalogue promises too much. */
export function missing(method: string): Error {
  return new Error(`the driver has no ${method}(): its entry in the catalogue names a job that it does not do`);
}
