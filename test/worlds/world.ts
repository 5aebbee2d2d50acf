// The two worlds in which each suite runs: processes and threads, which do the same jobs (fixtures/worlds/worker.mjs).
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { Queue } from '../../lib/queue/queue.js';

const program = fileURLToPath(new URL('../fixtures/worlds/worker.mjs', import.meta.url));

/** Starts one that does the job; resolves when it has ended well. */
export type Start = (job: string, ...args: unknown[]) => Promise<void>;

async function withInbox(job: unknown[], run: (name: string) => Promise<void>): Promise<void> {
  const name = `inbox-${randomBytes(8).toString('hex')}`;
  using inbox = new Queue(0, { name, open: 'create' });
  inbox.putSync(job);
  try {
    await run(name);
  } finally {
    inbox.unlink();
  }
}

export const worlds: [name: string, start: Start][] = [
  [
    'processes',
    (...job) =>
      withInbox(job, async (name) => {
        const child = spawn(process.execPath, [program, name], { stdio: 'inherit' });
        const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
        if (code !== 0) throw new Error(`the process of ${String(job[0])} ended with ${code ?? signal}`);
      }),
  ],
  [
    'threads',
    (...job) =>
      withInbox(job, async (name) => {
        const [code] = (await once(new Worker(program, { workerData: name }), 'exit')) as [number];
        if (code !== 0) throw new Error(`the thread of ${String(job[0])} ended with ${code}`);
      }),
  ],
];
