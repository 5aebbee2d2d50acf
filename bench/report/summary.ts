/** Where a result was made, and what of it failed, in lines. */
import type { Result } from '../run/result.js';

export function renderOrigin({ machine, versions, settings, commit, date }: Result): string {
  const python = versions.python === null ? 'no Python' : `Python ${versions.python}`;
  return (
    `${machine.cpu}, ${machine.cores} cores, ${machine.platform} ${machine.kernel} ${machine.arch}; Node ${versions.node}, ${python}; ` +
    `procloom ${versions.procloom}${commit === null ? '' : ` at ${commit}`}; ` +
    `${settings.rounds} rounds of ${settings.seconds} s a cell, ${date.slice(0, 10)}`
  );
}

export function renderFailures(result: Result): string {
  return result.cells
    .filter((cell) => cell.status === 'failed')
    .map((cell) => `FAILED  ${cell.trial}, ${cell.driver}: ${cell.errors.join('\n')}\n`)
    .join('');
}
