// Functions of fixtures/queue/jobs.mjs as processes.
import { fileURLToPath } from 'node:url';

import { Process } from '../../lib/process/process.js';

export const program = fileURLToPath(new URL('../fixtures/queue/jobs.mjs', import.meta.url));

export function start(job: string, ...args: unknown[]): Process {
  return new Process({ target: { module: program, export: job }, args }).start();
}
