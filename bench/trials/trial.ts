/** What a trial is: the work of the two processes of a cell, and what comes of it. */
import type { RecordKind } from '../data/records.js';

/** The work that a trial asks of a driver; a driver names those it can do. */
export type Job =
  | { kind: 'bytes'; messageBytes: number }
  | { kind: 'large-bytes'; messageBytes: number }
  | { kind: 'objects'; records: RecordKind }
  | { kind: 'fan-in'; records: RecordKind; producers: number }
  | { kind: 'round-trip'; messageBytes: number }
  | { kind: 'parked-round-trip'; messageBytes: number; everyMs: number }
  | { kind: 'lock' }
  | { kind: 'increment' }
  | { kind: 'contended' }
  | { kind: 'wake-thread' }
  | { kind: 'wake-loop' }
  | { kind: 'wakes-in-turn' }
  | { kind: 'death-thread' }
  | { kind: 'death-loop' }
  | { kind: 'start-call' }
  | { kind: 'start-line' }
  | { kind: 'start-end' };

export type JobKind = Job['kind'];

export interface Trial {
  /** As it is typed on the command line. */
  readonly name: string;
  readonly title: string;
  readonly job: Job;
  /** Left out of the quick form, unless it is asked for by name. */
  readonly inFullOnly?: boolean;
  /** So many times as long as other cells are, in the full form: where a short time would not tell. */
  readonly timesAsLong?: number;
}

/** What one cell measured in its timed laps. */
export interface Measurement {
  /** Messages moved, round trips made, operations done, or waiters woken. */
  messages: number;
  /** Bytes of payload that went from one process to the other; 0 where there is no payload to speak of. */
  bytes: number;
  /** The time that took: laps only, without set-up, warm-up and verification. */
  ns: number;
  laps: number;
  /** Of all round trips, or of all that waiters had to wait after they were woken, in nanoseconds. */
  p50Ns?: number;
  p99Ns?: number;
}
