/** Runs all cells, round after round, and gathers the result. A cell that fails is not tried again; the others go on. */
import type { DriverEntry } from '../drivers/catalogue.js';
import type { Trial } from '../trials/trial.js';
import { runCell } from './launch.js';
import { describeCommit, describeMachine, describeVersions } from './machine.js';
import { orderOfRound, planCells, type PlannedCell } from './plan.js';
import type { Progress } from './progress.js';
import { medianOf, RESULT_FORMAT, roundOf, type Cell, type Result, type RunSettings } from './result.js';

export interface RunOptions extends RunSettings {
  trials: readonly Trial[];
  drivers: readonly DriverEntry[];
  stallMs: number;
  limitMs: number;
  /** No further round is begun that would not end within so many seconds of the start. */
  withinSeconds: number;
}

export async function runAll(options: RunOptions, progress: Progress): Promise<Result> {
  const { trials, drivers, quick, rounds, seconds, stallMs, limitMs, withinSeconds } = options;
  const startedMs = performance.now();
  const versions = describeVersions();
  const planned = planCells(trials, drivers);
  const isThere = ({ runtime, linuxOnly }: DriverEntry): boolean =>
    (runtime !== 'python' || versions.python !== null) && (linuxOnly !== true || process.platform === 'linux');
  const cells = new Map<PlannedCell, Cell>(planned.map((cell) => [cell, emptyCell(cell, isThere(cell.driver))]));
  const measurable = planned.filter((cell) => cells.get(cell)?.status !== 'absent');

  progress.start(measurable.length * rounds);
  let roundsDone = 0;
  for (let round = 0; round < rounds; round++) {
    const roundStartedMs = performance.now();
    for (const planned of orderOfRound(measurable, round)) {
      const cell = cells.get(planned) as Cell;
      progress.step(`${planned.trial.title}, ${planned.driver.title}`);
      if (cell.status === 'failed') continue;
      const { trial, driver } = planned;
      const limits = { seconds: quick ? seconds : seconds * (trial.timesAsLong ?? 1), stallMs, limitMs };
      const outcome = await runCell(trial, driver, limits);
      if (outcome.ok) {
        cell.rounds.push(roundOf(outcome.measurement));
      } else {
        cell.status = 'failed';
        cell.errors.push(outcome.error);
      }
    }
    roundsDone += 1;
    const nowMs = performance.now();
    if (nowMs + (nowMs - roundStartedMs) > startedMs + withinSeconds * 1000) break;
  }
  progress.stop();

  // What a cell measured before it failed is not a figure of a transport that works.
  for (const cell of cells.values()) cell.median = cell.status === 'measured' ? medianOf(cell.rounds) : null;
  return {
    format: RESULT_FORMAT,
    date: new Date().toISOString(),
    commit: describeCommit(),
    machine: describeMachine(),
    versions,
    settings: { quick, rounds: roundsDone, seconds },
    seconds: (performance.now() - startedMs) / 1000,
    cells: [...cells.values()],
  };
}

function emptyCell({ trial, driver }: PlannedCell, isThere: boolean): Cell {
  return {
    trial: trial.name,
    driver: driver.name,
    status: isThere ? 'measured' : 'absent',
    rounds: [],
    median: null,
    errors: [],
  };
}
