/** The benchmark's command: see --help. */
import { writeFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { renderList } from './command/list.js';
import { parseOptions, type BenchOptions } from './command/options.js';
import { renderGoals } from './report/judgement.js';
import { renderFailures, renderOrigin } from './report/summary.js';
import { renderTable } from './report/table.js';
import { abandonCells } from './run/launch.js';
import { createProgress } from './run/progress.js';
import { runAll } from './run/run.js';

async function main(options: BenchOptions): Promise<number> {
  if (options.list) {
    process.stdout.write(renderList());
    return 0;
  }
  const progress = createProgress(process.stderr);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      abandonCells();
      progress.stop();
      process.exit(code);
    });
  }

  const result = await runAll(options, progress);
  process.stdout.write(
    `${renderOrigin(result)}\n\n${renderTable(result, options.drivers, Boolean(process.stdout.isTTY))}\n`,
  );
  if (!options.quick) process.stdout.write(`${renderGoals(result)}\n`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);

  const failures = renderFailures(result);
  process.stderr.write(failures);
  const measured = result.cells.filter((cell) => cell.status === 'measured').length;
  const failed = result.cells.filter((cell) => cell.status === 'failed').length;
  process.stdout.write(
    `${measured} cells measured, every checksum of theirs right; ${failed} failed; ${result.seconds.toFixed(0)} s\n`,
  );
  return failed > 0 ? 1 : 0;
}

try {
  process.exitCode = await main(await parseOptions(process.argv.slice(2)));
} catch (error) {
  if (error instanceof CommanderError) {
    // Its message was printed already.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
