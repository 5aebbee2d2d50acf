/**
 * A started child as its parent sees it: its end, its exit code, its signals.
 *
 * Node reaps children and tells it in the event loop; joinSync() and isAlive() look at the child without reaping it, so
 * that Node's own event still comes and both ways agree. Whoever awaits is told in the turn after the event: by then
 * Node has told of all children that it reaped together with this one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

import { addonFile, native } from '../addon/loader.js';
import { createError } from '../errors/codes.js';
import type { ProcessError } from '../errors/errors.js';
import { inheritedExecArgv } from './exec-argv.js';
import { JOB_VARIABLE } from './job.js';
import type { SentJob } from './sent-job.js';

export interface ChildOptions {
  env?: NodeJS.ProcessEnv | undefined;
  execArgv?: readonly string[] | undefined;
  cwd?: string | undefined;
  stdio: 'inherit' | 'pipe' | 'ignore';
  daemon: boolean;
}

const bootstrap = fileURLToPath(new URL('./child-main.js', import.meta.url));
/** When it is looked whether the child took over its references; each time is twice as late as the one before. */
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 60_000;

export class Child {
  readonly pid: number;
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  readonly daemon: boolean;
  /** Settles in the turn after its end was told. */
  readonly ended: Promise<void>;

  readonly #process: ChildProcess;
  readonly #job: SentJob;
  #exitcode: number | null = null;
  #told = false;
  #look: NodeJS.Timeout | undefined;
  /** Waits that keep this process alive. */
  #waits = 0;

  /** @throws ProcessError when the system does not start it; nothing is left then */
  constructor(job: SentJob, name: string, options: ChildOptions) {
    const { stdio } = options;
    const execArgv = options.execArgv ?? inheritedExecArgv();
    this.#job = job;
    this.daemon = options.daemon;
    const child = spawn(process.execPath, [...execArgv, bootstrap, name], {
      // Python's children have no standard input either: several readers of one terminal are no use.
      stdio: ['ignore', stdio, stdio],
      // The addon and its place stay in the environment: whatever else the child starts is of one mind with it.
      env: {
        ...(options.env ?? process.env),
        [JOB_VARIABLE]: job.text,
        PROCLOOM_ADDON: addonFile,
        PROCLOOM_DIR: native.directory,
      },
      cwd: options.cwd,
    });
    // Told of a failed start (which is thrown below) and of a failed kill (it is dead already).
    child.on('error', () => {});
    if (child.pid === undefined) {
      job.abandon();
      throw notStarted(name, options);
    }
    this.#process = child;
    this.pid = child.pid;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#told = true;
        this.#end(code ?? -constants.signals[signal!]);
        setImmediate(resolve);
      });
    });
    if (this.daemon) child.unref();
    this.#lookLater(FIRST_LOOK_MS);
  }

  /** As Python's: N for exit(N), -N for death by signal N; null while it runs. */
  get exitcode(): number | null {
    return this.hasEnded(0) ? this.#exitcode : null;
  }

  /** Waits so long for its end, blocking this thread; less than zero is for ever. */
  hasEnded(timeoutMs: number): boolean {
    if (this.#exitcode !== null) return true;
    if (native.childWait(this.pid, timeoutMs) !== 0) return false;
    this.#end(native.childStatus(this.pid));
    return true;
  }

  /** Does nothing once it is dead. */
  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded(0)) this.#process.kill(signal);
  }

  /** A wait begins (or ends) that keeps this process alive; a daemon alone does not. */
  hold(): void {
    if (this.daemon && this.#waits++ === 0 && !this.#told) this.#process.ref();
  }

  letGo(): void {
    if (this.daemon && --this.#waits === 0 && !this.#told) this.#process.unref();
  }

  #end(exitcode: number): void {
    if (this.#exitcode !== null) return;
    this.#exitcode = exitcode;
    clearTimeout(this.#look);
    this.#job.abandon();
  }

  #lookLater(ms: number): void {
    this.#look = setTimeout(() => {
      if (!this.#job.arrived) this.#lookLater(Math.min(ms * 2, LAST_LOOK_MS));
    }, ms);
    this.#look.unref();
  }
}

/** Node tells the reason only later, and start() must throw now: what can be looked at is looked at. */
function notStarted(name: string, { cwd }: ChildOptions): ProcessError {
  const asked = `start of ${name}`;
  if (cwd !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    return createError('ERR_PROCLOOM_SPAWN', asked, {
      why: `its cwd '${cwd}' is no directory`,
      remedy: 'Create it first, or give another one.',
    });
  }
  if (!statSync(process.execPath, { throwIfNoEntry: false })?.isFile()) {
    return createError('ERR_PROCLOOM_SPAWN', asked, {
      why: `the program ${process.execPath} is not there any more`,
      remedy: 'Was Node updated meanwhile? Start this program anew.',
    });
  }
  return createError('ERR_PROCLOOM_SPAWN', asked, {
    why: 'the system refused to start a process',
    remedy: 'Mostly there are too many (ulimit -u), too many descriptors are open (ulimit -n), or memory is short.',
  });
}
