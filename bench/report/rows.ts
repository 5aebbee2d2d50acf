/** The one table, as text: a row for each cell, whatever it is printed with. */
import { drivers as catalogue, type DriverEntry } from '../drivers/catalogue.js';
import type { Cell, Result } from '../run/result.js';
import { trials as allTrials } from '../trials/catalogue.js';
import { formatCount, formatGigabytes, formatRatio, formatTime, NOTHING } from './format.js';
import { compare, compareWithBest } from './ratio.js';

export interface Group {
  title: string;
  rows: string[][];
}

export const columns: readonly string[] = [
  'driver',
  'messages/s',
  'GB/s',
  'p50',
  'p99',
  "× cp 'advanced'",
  "× cp 'json'",
  '× worker_threads',
  '× Python',
];

/** What the columns mean, in a sentence each. */
export const legend: readonly string[] = [
  'Medians of the rounds. messages/s: for round trips there and back, for locks operations, for wakes one over the mean',
  '   time from one process to the other. GB: 10^9 bytes.',
  "×: how many times as fast as child_process (cp) with either serialization, as worker_threads' postMessage (the faster of",
  "   clone and transfer), as Python's Pipe or Queue, whichever is the faster in that trial; round trips and wakes by their p50.",
];

const WORKERS = ['worker-threads', 'worker-transfer'];
const PYTHONS = ['python-pipe', 'python-queue', 'python-lock', 'python-event'];

export function groupsOf(result: Result, drivers: readonly DriverEntry[] = catalogue): Group[] {
  const titles = new Map(drivers.map((driver) => [driver.name, driver.title]));
  return allTrials
    .map((trial) => ({
      title: trial.title,
      rows: result.cells.filter((cell) => cell.trial === trial.name).map((cell) => rowOf(result, cell, titles)),
    }))
    .filter((group) => group.rows.length > 0);
}

function rowOf(result: Result, cell: Cell, titles: ReadonlyMap<string, string>): string[] {
  const title = titles.get(cell.driver) ?? cell.driver;
  const figures = cell.median;
  if (figures === null) {
    return [title, cell.status === 'failed' ? 'FAILED' : NOTHING, ...Array<string>(columns.length - 2).fill(NOTHING)];
  }
  const base = (drivers: string[]): string => {
    // Of itself everything is once as fast; to say so helps nobody.
    return drivers.includes(cell.driver) ? '' : formatRatio(compareWithBest(result, cell.trial, cell.driver, drivers));
  };
  return [
    title,
    formatCount(figures.perSecond),
    formatGigabytes(figures.gigabytesPerSecond),
    formatTime(figures.p50Ns),
    formatTime(figures.p99Ns),
    cell.driver === 'child-process-advanced'
      ? ''
      : formatRatio(compare(result, cell.trial, cell.driver, 'child-process-advanced')),
    cell.driver === 'child-process-json'
      ? ''
      : formatRatio(compare(result, cell.trial, cell.driver, 'child-process-json')),
    base(WORKERS),
    base(PYTHONS),
  ];
}
