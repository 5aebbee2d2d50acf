/** What a cell is told: the trial's job, the driver, and how long to take. Travels as JSON on the command line. */
import type { Job, Measurement } from '../trials/trial.js';

export interface CellSpec {
  readonly job: Job;
  /** The driver's module as a URL, or the name of one in python/ends/. */
  readonly driver: string;
  /** Time for the timed laps and their verification. */
  readonly seconds: number;
  /** A lap that takes longer than this has lost something. */
  readonly stallMs: number;
  /** A folder for the sockets of this cell. */
  readonly directory: string;
}

/** What a cell answers: one line of JSON, the last on its standard output. */
export type Outcome = { ok: true; measurement: Measurement } | { ok: false; error: string };
