// Functions of fixtures/sharedtypes/jobs.mjs as targets of processes.
import { fileURLToPath } from 'node:url';

export function fixture(job: string): { module: string; export: string } {
  return { module: fileURLToPath(new URL('../fixtures/sharedtypes/jobs.mjs', import.meta.url)), export: job };
}
