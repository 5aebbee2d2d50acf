/** What procloom sets out to reach, and whether this run did: ratios between drivers of one run, met or missed. */
import type { Result } from '../run/result.js';
import { compare } from './ratio.js';

export interface Goal {
  readonly trial: string;
  readonly driver: string;
  readonly base: string;
  /** At least this many times as good. */
  readonly atLeast: number;
  readonly text: string;
}

export const goals: readonly Goal[] = [
  {
    trial: 'bytes-64',
    driver: 'procloom-pipe',
    base: 'python-pipe',
    atLeast: 12,
    text: "Pipe, 64 B one way, to Python's send_bytes",
  },
  {
    trial: 'bytes-64',
    driver: 'procloom-pipe',
    base: 'child-process-advanced',
    atLeast: 50,
    text: "Pipe, 64 B one way, to child_process 'advanced'",
  },
  {
    trial: 'small-object',
    driver: 'procloom-queue',
    base: 'python-queue',
    atLeast: 5,
    text: "Queue, small object, to Python's Queue",
  },
  {
    trial: 'small-object',
    driver: 'procloom-queue',
    base: 'worker-threads',
    atLeast: 2,
    text: 'Queue, small object, to worker_threads postMessage',
  },
  {
    trial: 'bytes-1m',
    driver: 'procloom-pipe',
    base: 'worker-threads',
    atLeast: 2,
    text: 'Pipe, 1 MiB one way, to worker_threads postMessage',
  },
  {
    trial: 'bytes-1m',
    driver: 'procloom-pipe',
    base: 'child-process-advanced',
    atLeast: 12,
    text: "Pipe, 1 MiB one way, to child_process 'advanced'",
  },
  {
    trial: 'lock',
    driver: 'procloom-lock',
    base: 'python-lock',
    atLeast: 1.8,
    text: "Lock, acquire + release, to Python's Lock",
  },
  {
    trial: 'round-trip',
    driver: 'procloom-pipe',
    base: 'worker-threads',
    atLeast: 20,
    text: "Pipe, 64 B there and back, p50, to worker_threads'",
  },
];

export interface GoalOutcome extends Goal {
  /** undefined where one of the two was not measured. */
  readonly ratio: number | undefined;
  readonly status: 'met' | 'missed' | 'not measured';
}

export function judgeGoals(result: Result): GoalOutcome[] {
  return goals.map((goal) => {
    const ratio = compare(result, goal.trial, goal.driver, goal.base);
    return { ...goal, ratio, status: ratio === undefined ? 'not measured' : ratio >= goal.atLeast ? 'met' : 'missed' };
  });
}

export function renderGoals(result: Result): string {
  const outcomes = judgeGoals(result);
  const width = Math.max(...outcomes.map(({ text }) => text.length));
  const lines = outcomes.map(({ text, atLeast, ratio, status }) => {
    const measured = ratio === undefined ? '' : `, measured ${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
    return `  ${status.padEnd(12)}  ${text.padEnd(width)}  goal ${atLeast}×${measured}`;
  });
  return ['Goals (ratios within this run)', ...lines].join('\n') + '\n';
}
