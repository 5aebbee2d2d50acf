/** Starts a process by node:child_process, and knows in which ways Node tells that there is none: see launch.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants } from 'node:os';

import type { Launched, LaunchOrder, Refused } from './launched.js';

export function launchByNode({ file, args, env, cwd, stdio }: LaunchOrder): Launched | Refused {
  let child: ChildProcess;
  try {
    child = spawn(file, args, { env, cwd, stdio: [...stdio] });
  } catch (error) {
    // Some reasons Node tells later, and some at once.
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall?.startsWith('spawn') !== true) throw error;
    return { pid: undefined, code };
  }
  // Told of a failed start, for which there is no process, and of a failed kill: then it is dead already.
  child.on('error', () => {});
  return child.pid === undefined ? { pid: undefined, code: undefined } : new NodeProcess(child);
}

class NodeProcess implements Launched {
  readonly pid: number;
  readonly streams: readonly (Socket | null)[];
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid!;
    this.streams = child.stdio as (Socket | null)[];
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  onEnd(listener: (exitcode: number) => void): void {
    this.#child.once('exit', (code, signal) => listener(code ?? -constants.signals[signal!]));
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  ref(): void {
    this.#child.ref();
  }

  unref(): void {
    this.#child.unref();
  }
}
