/** What there is to measure, for --list. */
import { drivers } from '../drivers/catalogue.js';
import { trials } from '../trials/catalogue.js';

export function renderList(): string {
  const width = Math.max(...[...trials, ...drivers].map(({ name }) => name.length));
  return [
    'Trials',
    ...trials.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`),
    '',
    'Drivers',
    ...drivers.flatMap(({ name, title, jobs }) => [
      `  ${name.padEnd(width)}  ${title}`,
      ...Object.entries(jobs).map(([kind, how]) => `  ${''.padEnd(width)}    ${kind}: ${how}`),
    ]),
    '',
  ].join('\n');
}
