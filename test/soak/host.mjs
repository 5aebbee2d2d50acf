// The programs of the soak's parties: a process, perhaps with a thread of its own, and a thread.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Queue } from 'procloom';

import { work } from './party.mjs';

/** Whoever is told of its end by the other end of this pipe. */
let lifeline;

/** The target of a Process; `inner` is where a thread of it finds its task, if it is to have one. */
export async function host(job, slot, incarnation, held, inner) {
  lifeline = held;
  // Ctrl-C is the director's, who ends the round.
  process.on('SIGINT', () => {});
  const thread = inner === undefined ? undefined : new Worker(new URL(import.meta.url), { workerData: inner });
  // An error of it is one of this process.
  const ended = thread && new Promise((resolve) => thread.on('exit', resolve));
  await work(job, slot, incarnation);
  await ended;
  lifeline.close();
}

if (!isMainThread) {
  const inbox = new Queue(0, { name: workerData, open: 'attach' });
  const task = await inbox.get();
  inbox.close();
  await work(...task);
}
