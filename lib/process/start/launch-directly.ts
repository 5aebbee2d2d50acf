/** Starts a process by the addon: see launch.ts. */
import { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';

import { native } from '../../addon/loader.js';
import { ends, type Launched, type LaunchOrder, type Refused } from './launched.js';

export function launchDirectly({ file, args, env, cwd = '', stdio }: LaunchOrder): Launched | Refused {
  const descriptors = Int32Array.from(stdio, (end) => ends.indexOf(end));
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const process = new DirectProcess();
  const pid = native.childStart(file, [file, ...args], variables, cwd, descriptors, (code) => process.end(code));
  if (pid < 0) return { pid: undefined, code: getSystemErrorName(-native.lastFailure().errno) };
  process.begin(pid, descriptors);
  return process;
}

class DirectProcess implements Launched {
  pid = 0;
  streams: readonly (Socket | null)[] = [];
  hasEnded = false;
  readonly #listeners: ((exitcode: number) => void)[] = [];

  begin(pid: number, descriptors: Int32Array): void {
    this.pid = pid;
    this.streams = Array.from(descriptors, (fd) =>
      fd < 0 ? null : new Socket({ fd, readable: true, writable: true }),
    );
  }

  end(exitcode: number): void {
    this.hasEnded = true;
    for (const listener of this.#listeners) listener(exitcode);
  }

  onEnd(listener: (exitcode: number) => void): void {
    this.#listeners.push(listener);
  }

  kill(signal: NodeJS.Signals): void {
    if (this.hasEnded) return;
    try {
      process.kill(this.pid, signal);
    } catch {
      // It is somebody else's by now (setuid), or was reaped by somebody else: then it is told of soon.
    }
  }

  ref(): void {
    native.childHold(this.pid, true);
  }

  unref(): void {
    native.childHold(this.pid, false);
  }
}
