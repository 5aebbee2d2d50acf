/**
 * Start method 'forkserver': each child is a process that was booted before it was needed, if there is one.
 *
 * Node cannot fork. What Python's server has for its children by fork() (an interpreter that has begun, modules that are
 * loaded) spares have here: spares.ts.
 */
import { statSync } from 'node:fs';

import type { JobText } from '../sent-job.js';
import { environmentOf } from './environment.js';
import { refuseLimits, spawnChild, StartedProcess } from './spawn.js';
import type { Spare } from './spare.js';
import { takeSpare } from './spares.js';
import type { Started, StartOptions } from './started.js';

/** @throws ProcessError when the system does not start it */
export function startByForkserver(job: JobText, options: StartOptions): Started {
  refuseLimits(options);
  const { cwd = process.cwd(), env } = options;
  // What a process has from its beginning on is asked for seldom: then it is a fresh one.
  const any = options.stdio === 'inherit' && options.execArgv === undefined && isFolder(cwd);
  const spare = any ? takeSpare(() => ({ env: environmentOf(env), cwd, job: job.text })) : undefined;
  return spare === undefined ? spawnChild(job, options) : new StartedSpare(spare);
}

class StartedSpare extends StartedProcess {
  readonly #spare: Spare;

  constructor(spare: Spare) {
    super(spare.process);
    this.#spare = spare;
  }

  override signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGINT') this.#spare.awaitLife();
    super.signal(signal);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
