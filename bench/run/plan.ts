/** Which cells a run has, and in which order: each trial with each driver that can do it, round after round. */
import type { DriverEntry } from '../drivers/catalogue.js';
import type { Trial } from '../trials/trial.js';

export interface PlannedCell {
  trial: Trial;
  driver: DriverEntry;
}

function meets(trial: Trial, driver: DriverEntry): boolean {
  return trial.job.kind in driver.jobs && (driver.trials === undefined || driver.trials.includes(trial.name));
}

export function planCells(trials: readonly Trial[], drivers: readonly DriverEntry[]): PlannedCell[] {
  return trials.flatMap((trial) =>
    drivers.filter((driver) => meets(trial, driver)).map((driver) => ({ trial, driver })),
  );
}

/** Every other round goes backwards: what disturbs the machine for a while then meets different neighbours. */
export function orderOfRound(cells: readonly PlannedCell[], round: number): PlannedCell[] {
  return round % 2 === 0 ? [...cells] : [...cells].reverse();
}
