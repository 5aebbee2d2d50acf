/**
 * Start method 'spawn': each child is a node process of its own, started for it.
 *
 * Whoever launched it reaps it and tells that in the event loop; who blocks looks at the child without reaping it, so
 * that the event still comes and both ways agree.
 */
import { statSync } from 'node:fs';

import { native } from '../../addon/loader.js';
import { createError } from '../../errors/codes.js';
import type { ProcessError } from '../../errors/errors.js';
import { ownExecutable } from '../executable.js';
import { JOB_VARIABLE } from '../job.js';
import type { JobText } from '../sent-job.js';
import { environmentOf } from './environment.js';
import { launch } from './launch.js';
import type { Launched } from './launched.js';
import { ProcessOutput } from './process-output.js';
import { childArguments } from './program.js';
import type { Started, StartOptions } from './started.js';

/** @throws ProcessError when the system does not start it */
export function spawnChild(job: JobText, options: StartOptions): Started {
  const { env, cwd, stdio } = options;
  refuseLimits(options);
  const launched = launch({
    file: ownExecutable(),
    args: childArguments(options),
    env: Object.assign(environmentOf(env), { [JOB_VARIABLE]: job.text }),
    cwd,
    // Python's children have no standard input either: several readers of one terminal are no use.
    stdio: ['ignore', stdio, stdio],
  });
  if (launched.pid === undefined) throw notStarted(options, launched.code);
  return new StartedProcess(launched);
}

/** A child that is a process. */
export class StartedProcess implements Started {
  readonly pid: number;
  readonly ident: number;
  readonly standsAlone = true;
  readonly stdout: ProcessOutput | null;
  readonly stderr: ProcessOutput | null;
  readonly #process: Launched;

  constructor(process: Launched) {
    this.#process = process;
    this.pid = process.pid;
    this.ident = process.pid;
    const [, stdout, stderr] = process.streams;
    this.stdout = stdout ? new ProcessOutput(stdout) : null;
    this.stderr = stderr ? new ProcessOutput(stderr) : null;
  }

  onEnd(listener: (exitcode: number) => void): void {
    this.#process.onEnd((exitcode) => {
      this.stdout?.takeAll();
      this.stderr?.takeAll();
      listener(exitcode);
    });
  }

  look(timeoutMs: number): number | null {
    return native.childWait(this.pid, timeoutMs) === 0 ? native.childStatus(this.pid) : null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  ref(): void {
    this.#process.ref();
    this.stdout?.ref();
    this.stderr?.ref();
  }

  unref(): void {
    this.#process.unref();
    this.stdout?.unref();
    this.stderr?.unref();
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
function notStarted({ name, cwd }: StartOptions, code: string | undefined): ProcessError {
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
    why: `the system refused to start a process${code === undefined ? '' : ` (${code})`}`,
    ...(code === 'E2BIG' && {
      remedy: 'Its env and execArgv are longer than the system allows: pass long values as args.',
    }),
  });
}
