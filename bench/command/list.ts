/** What there is to measure, for --list. */
import { drivers } from '../drivers/catalogue.js';
import { trials } from '../trials/catalogue.js';

export function renderList(): string {
  const width = Math.max(...[...trials, ...drivers].map(({ name }) => name.length));
  return [
    'Trials',
    ...trials.map((trial) => `  ${trial.name.padEnd(width)}  ${trial.title}${mark(trial)}`),
    '',
    'Drivers',
    ...drivers.flatMap((driver) => [
      `  ${driver.name.padEnd(width)}  ${driver.title}${mark(driver)}`,
      ...Object.entries(driver.jobs).map(([kind, how]) => `  ${''.padEnd(width)}    ${kind}: ${how}`),
    ]),
    '',
  ].join('\n');
}

function mark({ inFullOnly }: { inFullOnly?: boolean }): string {
  return inFullOnly === true ? '  (not in the quick form)' : '';
}
