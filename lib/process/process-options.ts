/** What a Process is made of, and the checks of it. */
/* oxlint-disable typescript/no-explicit-any -- a target may take any arguments */
import type { ResourceLimits } from 'node:worker_threads';

import { checkBoolean, checkChoice, checkString, invalidArgument } from '../errors/arguments.js';
import type { Target } from '../target/target.js';

/** How a process is made. */
export interface ProcessOptions<A extends unknown[] = any[]> {
  /** What the child runs; without one, run() does nothing unless a subclass overrides it. */
  target?: Target<A>;
  /**
   * The target's arguments; shareables and open handles may stand anywhere in them. One that is `{ fd }` and nothing else
   * is that descriptor, and arrives as a DupFd.
   */
  args?: A;
  /** Passed as one last argument. */
  kwargs?: Record<string, unknown>;
  /** Default: 'Process-1', in a child of that 'Process-1:1', …; of a subclass its name instead of 'Process'. */
  name?: string;
  /** Whether it is terminated when this process ends. Default: as this process. */
  daemon?: boolean;
  /** The child's environment variables, instead of this process's. */
  env?: NodeJS.ProcessEnv;
  /** Node's own flags for the child, instead of this process's. */
  execArgv?: string[];
  /** The child's working directory, instead of this process's. A thread shares that of its process. */
  cwd?: string;
  /**
   * The child's output: this process's own (default), streams to read here, or nowhere. Its standard input is always
   * empty. Who asks for streams reads them: a child whose output nobody reads stops when the pipe is full.
   */
  stdio?: 'inherit' | 'pipe' | 'ignore';
  /** Of a thread: the memory that it may use, as of Node's Worker. A thread that needs more ends with exit code 1. */
  resourceLimits?: ResourceLimits;
}

/** With less, in MiB, Node's own part of a thread does not start. */
const LEAST_HEAP_MB = 8;

const stdioChoices = ['inherit', 'pipe', 'ignore'] as const;

/** A copy, so that the caller's array of arguments may change afterwards. */
export function checkProcessOptions(options: ProcessOptions): ProcessOptions {
  const { args, kwargs, name, daemon, env, execArgv, cwd, stdio, resourceLimits } = options;
  if (args !== undefined && !Array.isArray(args)) throw invalidArgument(TypeError, 'args must be an array', args);
  checkObject('kwargs', kwargs);
  if (name !== undefined) checkString('name', name);
  if (daemon !== undefined) checkBoolean('daemon', daemon);
  checkObject('env', env);
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((flag) => typeof flag === 'string'))) {
    throw invalidArgument(TypeError, 'execArgv must be an array of strings', execArgv);
  }
  if (cwd !== undefined) checkString('cwd', cwd);
  if (stdio !== undefined) checkChoice('stdio', stdio, stdioChoices);
  checkObject('resourceLimits', resourceLimits);
  const heap = resourceLimits?.maxOldGenerationSizeMb;
  if (heap !== undefined && !(heap >= LEAST_HEAP_MB)) {
    throw invalidArgument(RangeError, `resourceLimits.maxOldGenerationSizeMb must be ${LEAST_HEAP_MB} or more`, heap);
  }
  return args === undefined ? options : { ...options, args: [...(args as unknown[])] };
}

function checkObject(name: string, value: object | undefined): void {
  if (value === undefined || (typeof value === 'object' && value !== null)) return;
  throw invalidArgument(TypeError, `${name} must be an object`, value);
}
