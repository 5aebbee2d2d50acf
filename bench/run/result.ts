/** What a run leaves: every round's figures, their medians, and where they were made. Written as JSON by --json. */
import { median } from '../statistics/median.js';
import type { Measurement } from '../trials/trial.js';
import type { Machine, Versions } from './machine.js';

/** Raised when a reader of an older result would misread this one. */
export const RESULT_FORMAT = 1;

/** One round of one cell. */
export interface Round {
  /** Messages, round trips or operations in a second; of wakes, one second over the mean. */
  perSecond: number;
  /** 10^9 bytes of payload in a second; null where there is no payload to speak of. */
  gigabytesPerSecond: number | null;
  /** Of the round's round trips or wakes, in nanoseconds; null elsewhere. */
  p50Ns: number | null;
  p99Ns: number | null;
  messages: number;
  laps: number;
}

/** The middle of each figure, over the rounds. */
export type Figures = Omit<Round, 'messages' | 'laps'>;

export interface Cell {
  trial: string;
  driver: string;
  /** absent: its runtime, or the system that it needs, is not on this machine. */
  status: 'measured' | 'absent' | 'failed';
  rounds: Round[];
  median: Figures | null;
  errors: string[];
}

export interface RunSettings {
  quick: boolean;
  rounds: number;
  seconds: number;
}

export interface Result {
  format: typeof RESULT_FORMAT;
  date: string;
  commit: string | null;
  machine: Machine;
  versions: Versions;
  settings: RunSettings;
  seconds: number;
  cells: Cell[];
}

export function roundOf(measurement: Measurement): Round {
  const { messages, bytes, ns, laps, p50Ns, p99Ns } = measurement;
  return {
    perSecond: messages / (ns / 1e9),
    gigabytesPerSecond: bytes > 0 ? bytes / ns : null,
    p50Ns: p50Ns ?? null,
    p99Ns: p99Ns ?? null,
    messages,
    laps,
  };
}

export function medianOf(rounds: readonly Round[]): Figures | null {
  if (rounds.length === 0) return null;
  const middle = (key: keyof Figures): number | null => {
    const values = rounds.map((round) => round[key]).filter((value) => value !== null);
    return values.length === 0 ? null : median(values);
  };
  return {
    perSecond: median(rounds.map((round) => round.perSecond)),
    gigabytesPerSecond: middle('gigabytesPerSecond'),
    p50Ns: middle('p50Ns'),
    p99Ns: middle('p99Ns'),
  };
}
