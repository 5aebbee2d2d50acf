/** Prints the table of a result file as Markdown: node dist-bench/report/main.js bench/results/FILE.json */
import { renderMarkdown } from './markdown.js';
import { readResult } from './read-result.js';

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('usage: node dist-bench/report/main.js RESULT.json\n');
  process.exitCode = 2;
} else {
  process.stdout.write(renderMarkdown(readResult(path)));
}
