/**
 * The first process of a cell: opens the driver, runs the trial with its partner, prints the outcome as the last line
 * of its standard output.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Driver } from '../drivers/driver.js';
import { workOf } from '../trials/select.js';
import type { Measurement } from '../trials/trial.js';
import { ControlServer } from './control.js';
import { errorText } from './error-text.js';
import { Partner } from './partner.js';
import type { CellSpec, Outcome } from './spec.js';

async function runCell(spec: CellSpec): Promise<Measurement> {
  const driver = (await import(spec.driver)).default as Driver;
  const work = workOf(spec.job);
  const controlPath = join(spec.directory, 'control');
  const server = await ControlServer.listen(controlPath);
  const host = await driver.host({
    job: spec.job,
    peerSpec: JSON.stringify({ ...spec, controlPath }),
    socketPath: join(spec.directory, 'data'),
  });
  const partner = new Partner(await server.connected(), spec.stallMs);
  await partner.opened();
  const measurement = await work.host({ host, partner, seconds: spec.seconds });
  await partner.finish();
  await host.close();
  partner.close();
  return measurement;
}

function finish(outcome: Outcome): void {
  // Ended by force: a driver that failed half-way may have left anything in the event loop.
  process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(outcome.ok ? 0 : 1));
}

const spec: CellSpec = JSON.parse(process.argv[2]);

// The runner holds the other end of our standard input. Its end is ours, and then nobody else cleans up.
process.stdin
  .on('end', () => {
    rmSync(spec.directory, { recursive: true, force: true });
    process.exit(1);
  })
  .resume();

try {
  const measurement = await runCell(spec);
  finish({ ok: true, measurement });
} catch (error) {
  finish({ ok: false, error: errorText(error) });
}
