/**
 * Start method 'spawn': each child is a node process of its own, started for it.
 *
 * Node reaps children and tells it in the event loop; who blocks looks at the child without reaping it, so that Node's
 * own event still comes and both ways agree.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';

import { native } from '../../addon/loader.js';
import { createError } from '../../errors/codes.js';
import type { ProcessError } from '../../errors/errors.js';
import { ownExecutable } from '../executable.js';
import { JOB_VARIABLE } from '../job.js';
import type { JobText } from '../sent-job.js';
import { environmentOf } from './environment.js';
import { childArguments } from './program.js';
import type { Started, StartOptions } from './started.js';

/** @throws ProcessError when the system does not start it */
export function spawnChild(job: JobText, options: StartOptions): Started {
  const { env, cwd, stdio } = options;
  refuseLimits(options);
  const child = spawn(ownExecutable(), childArguments(options), {
    // Python's children have no standard input either: several readers of one terminal are no use.
    stdio: ['ignore', stdio, stdio],
    env: { ...environmentOf(env), [JOB_VARIABLE]: job.text },
    cwd,
  });
  // Told of a failed start (which is thrown below) and of a failed kill (it is dead already).
  child.on('error', () => {});
  if (child.pid === undefined) throw notStarted(options);
  return new StartedProcess(child);
}

/** A child that is a process. */
export class StartedProcess implements Started {
  readonly pid: number;
  readonly ident: number;
  readonly standsAlone = true;
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid!;
    this.ident = this.pid;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
  }

  onEnd(listener: (exitcode: number) => void): void {
    this.#child.once('exit', (code, signal) => listener(code ?? -constants.signals[signal!]));
  }

  look(timeoutMs: number): number | null {
    return native.childWait(this.pid, timeoutMs) === 0 ? native.childStatus(this.pid) : null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  ref(): void {
    this.#child.ref();
  }

  unref(): void {
    this.#child.unref();
  }
}

/** A process has limits of its own, which are flags of Node and of the system. */
export function refuseLimits({ name, resourceLimits }: StartOptions): void {
  if (resourceLimits === undefined) return;
  throw createError('ERR_PROCLOOM_START_METHOD', `start of ${name}`, {
    why: 'resourceLimits are limits of a thread, and it is to be a process',
    remedy: "Give a process its limits with execArgv: ['--max-old-space-size=…'], or start it as a 'thread'.",
  });
}

/** Node tells the reason only later, and start() must throw now: what can be looked at is looked at. */
function notStarted({ name, cwd }: StartOptions): ProcessError {
  const asked = `start of ${name}`;
  if (cwd !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    return createError('ERR_PROCLOOM_SPAWN', asked, {
      why: `its cwd '${cwd}' is no directory`,
      remedy: 'Create it first, or give another one.',
    });
  }
  const program = ownExecutable();
  // Another one may be a name to be looked up.
  if (program.includes('/') && !statSync(program, { throwIfNoEntry: false })?.isFile()) {
    const wasThere = program === process.execPath;
    return createError('ERR_PROCLOOM_SPAWN', asked, {
      why: `the program ${program} is not there${wasThere ? ' any more' : ''}`,
      remedy: wasThere ? 'Was Node updated meanwhile? Start this program anew.' : 'setExecutable() named it.',
    });
  }
  return createError('ERR_PROCLOOM_SPAWN', asked, {
    why: 'the system refused to start a process',
    remedy: 'Mostly there are too many (ulimit -u), too many descriptors are open (ulimit -n), or memory is short.',
  });
}
