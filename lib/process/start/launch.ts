/** Has the system start a process, and knows in which ways Node tells that it refused to. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';

import { ownExecutable } from '../executable.js';

/** The process; or what Node says of why there is none, if it says it at once. */
export type Launched = { child: ChildProcess } | { child: undefined; code: string | undefined };

/** Starts what children that are processes run, with these arguments. */
export function launch(args: readonly string[], options: SpawnOptions): Launched {
  let child: ChildProcess;
  try {
    child = spawn(ownExecutable(), args, options);
  } catch (error) {
    // Some reasons Node tells later, and some at once.
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall?.startsWith('spawn') !== true) throw error;
    return { child: undefined, code };
  }
  // Told of a failed start, for which there is no process, and of a failed kill: then it is dead already.
  child.on('error', () => {});
  return child.pid === undefined ? { child: undefined, code: undefined } : { child };
}
