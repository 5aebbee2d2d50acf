/**
 * The program of a spare: a process that is booted before it is known what for. What it is told: start/spare-words.ts.
 *
 * It says when it is ready, and blocks until it is needed, so that nothing of what it has imported goes on meanwhile.
 * Ctrl-C is for its parent, which may go on. It ends, with nothing run that would run at an exit, when its parent has
 * ended or wants it no more.
 */
import { closeSync, readSync, writeSync } from 'node:fs';

import { becomeChild, ownIdentity } from './identity.js';
import { runJob } from './run-job.js';
import { importKinds, modules } from './shareable-modules.js';
import { applyEnvironment } from './start/environment.js';
import { type BootWords, type HandOutWords, LINE, READY } from './start/spare-words.js';

const ignore = () => {};
process.on('SIGINT', ignore);

let unread = Buffer.alloc(0);

/** Blocks for it. */
function nextLine(): string {
  for (;;) {
    const end = unread.indexOf('\n');
    if (end >= 0) {
      const line = unread.toString('utf8', 0, end);
      unread = unread.subarray(end + 1);
      return line;
    }
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const bytes = readSome(chunk);
    if (bytes === 0) endUnused();
    unread = Buffer.concat([unread, chunk.subarray(0, bytes)]);
  }
}

/** Nobody will need it. */
function endUnused(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('a process that is killed does nothing more');
}

/** Whoever made it may have ended meanwhile. */
function say(text: string): void {
  try {
    writeSync(LINE, text);
  } catch {
    endUnused();
  }
}

function readSome(chunk: Buffer): number {
  try {
    return readSync(LINE, chunk);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINTR') return readSome(chunk);
    if (code === 'ECONNRESET') return 0;
    throw error;
  }
}

/** What fails now is imported again, and told, by who needs it. */
async function importEarly(preload: readonly string[]): Promise<void> {
  await Promise.all([import('./received-body.js'), import('./process.js'), import('./current.js')]);
  await importKinds(Object.keys(modules));
  for (const module of preload) {
    ownIdentity().importing = module;
    await import(module).catch(() => {});
  }
}

const { parent, preload } = JSON.parse(nextLine()) as BootWords;
const nobodyYet = { daemon: false, authkey: undefined, thread: undefined, startMethod: null, importing: undefined };
becomeChild({ name: 'spare', path: [0], parent, ...nobodyYet });
await importEarly(preload);
say(READY);

const { env, cwd, job } = JSON.parse(nextLine()) as HandOutWords;
process.off('SIGINT', ignore);
closeSync(LINE);
applyEnvironment(env);
process.chdir(cwd);
// An error goes the way of all unhandled ones.
void runJob(job);
