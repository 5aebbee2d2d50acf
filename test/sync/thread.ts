// A thread that does one job of fixtures/sync/jobs.mjs, and how jobs are named for processes.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { Queue } from '../../lib/queue/queue.js';

const program = fileURLToPath(new URL('../fixtures/sync/jobs.mjs', import.meta.url));

/** How a thread that holds something may end. */
export const ENDS = ['return', 'process.exit', 'throw', 'terminate'];

/** A job as the target of a Process. */
export function fixture(job: string): { module: string; export: string } {
  return { module: program, export: job };
}

/** `ended` resolves when it has ended, however that was. */
export function startThread(job: string, ...args: unknown[]): { worker: Worker; ended: Promise<void> } {
  const name = `thread-${randomBytes(8).toString('hex')}`;
  const inbox = new Queue<unknown[]>(0, { name, open: 'create' });
  inbox.putSync([job, ...args]);
  const worker = new Worker(program, { workerData: name });
  worker.on('error', () => {}); // some are to throw
  worker.on('message', () => worker.terminate());
  // Not events.once(): that would reject with the error of one that throws.
  const ended = new Promise((resolve) => worker.on('exit', resolve)).then(() => {
    inbox.unlink();
    inbox.close();
  });
  return { worker, ended };
}

/** Does the job in a thread, to its end. */
export async function atWork(job: string, ...args: unknown[]): Promise<void> {
  await startThread(job, ...args).ended;
}
