/**
 * The program of a child that is a worker thread. What it shares with its parent: start/thread-words.ts. It and all that
 * it imports at once become one file, as in child-main.ts.
 *
 * Until all is loaded it is not stopped but stops by itself: Node leaves descriptors open where a thread is stopped while
 * it loads modules. So it looks whether it is to end before it loads anything, and after that.
 */
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { inspect } from 'node:util';
import { threadId, workerData } from 'node:worker_threads';

import type { Native } from '../addon/native.js';
import { runJob } from './run-job.js';
import { directOutput } from './start/direct-output.js';
import * as word from './start/thread-words.js';

const { job, words, event, output, env, ownVariables } = workerData as word.ThreadData;

/** Who is first decides how it ended. */
const endedBy = (cause: number) => Atomics.compareExchange(words, word.CAUSE, 0, cause) === 0;

/** Has the event set when this thread's environment is gone, however it ends. */
async function announceEnd(native: Native): Promise<void> {
  const handle = native.open(event, native.kind.EVENT);
  if (handle < 0) throw (await import('../addon/status-error.js')).statusError(handle, 'start of a thread');
  native.announceEnd(handle);
  native.close(handle);
}

async function main(): Promise<void> {
  if (Atomics.compareExchange(words, word.PHASE, word.STARTING, word.TAKEN) !== word.STARTING) process.exit();
  process.once('exit', (code) => {
    if (endedBy(word.OWN_END)) words[word.CODE] = code;
  });
  if (env !== undefined) for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env, ownVariables);

  const addon = ownVariables['PROCLOOM_ADDON']!;
  const native = createRequire(addon)(addon) as Native;
  await announceEnd(native);
  Atomics.store(words, word.PHASE, word.BEGUN);
  directOutput(output, native);
  await runJob(job, {
    ident: threadId,
    output: output === 'descriptors' ? undefined : output === 'nowhere' ? 'nowhere' : 'parent',
    end(signal) {
      endedBy(-constants.signals[signal]);
      process.exit();
    },
    runs() {
      Atomics.store(words, word.PHASE, word.RUNNING);
      if (Atomics.load(words, word.CAUSE) !== 0) process.exit();
    },
    textOf(error) {
      words[word.TOLD] = 1;
      return `${inspect(error)}\n`;
    },
  });
}

// An error goes the way of all unhandled ones.
void main();
