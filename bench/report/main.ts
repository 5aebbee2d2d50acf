/** Prints the table of a result file as Markdown: node dist-bench/report/main.js bench/results/FILE.json */
import { parseArgs } from 'node:util';

import { renderMarkdown } from './markdown.js';
import { readResult } from './read-result.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { trials: { type: 'string' }, drivers: { type: 'string' } },
});
const [path] = positionals;
if (path === undefined) {
  process.stderr.write('usage: node dist-bench/report/main.js RESULT.json [--trials names] [--drivers names]\n');
  process.exitCode = 2;
} else {
  const within = (names: string | undefined, name: string) => names === undefined || names.split(',').includes(name);
  const shows = ({ trial, driver }: { trial: string; driver: string }) =>
    within(values.trials, trial) && within(values.drivers, driver);
  process.stdout.write(renderMarkdown(readResult(path), shows));
}
