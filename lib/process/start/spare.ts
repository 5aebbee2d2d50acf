/** A process that is booted and has nothing to do yet, as its parent sees it: see spare-words.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

import { native } from '../../addon/loader.js';
import { inheritedExecArgv } from '../exec-argv.js';
import { ownExecutable } from '../executable.js';
import { ownIdentity } from '../identity.js';
import { environmentOf, isReachable } from './environment.js';
import { type HandOutWords, lineOf } from './spare-words.js';

/** What a process has from its parent when it begins, and cannot be given later. */
const bornWith = () =>
  JSON.stringify([
    ownExecutable(),
    inheritedExecArgv(),
    process.getuid?.(),
    process.geteuid?.(),
    process.getgid?.(),
    process.getegid?.(),
  ]);

export class Spare {
  readonly child: ChildProcess;
  readonly #line: Socket | undefined;
  readonly #env = environmentOf();
  readonly #born = bornWith();

  /**
   * Begins to boot, in the background; keeps nothing alive.
   *
   * @param program see spareProgram()
   */
  constructor(program: string, preload: readonly string[], onEnd: (spare: Spare) => void) {
    this.child = spawn(ownExecutable(), [...inheritedExecArgv(), program], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      env: this.#env,
    });
    this.child.on('error', () => {});
    this.child.once('exit', () => onEnd(this));
    if (this.child.pid === undefined) return;
    this.child.unref();
    this.#line = this.child.stdio[3] as Socket;
    this.#line.on('error', () => {});
    this.#line.unref();
    const { name, thread } = ownIdentity();
    this.#line.write(lineOf({ parent: { name, pid: process.pid, isThread: thread !== undefined }, preload }));
  }

  /** Whether the system started it, and it has not ended. */
  get isAlive(): boolean {
    const { pid, exitCode, signalCode } = this.child;
    return pid !== undefined && exitCode === null && signalCode === null && native.childWait(pid, 0) !== 0;
  }

  /** Whether this process could start one like it now. */
  get isUpToDate(): boolean {
    return this.#born === bornWith();
  }

  /** Whether it can become a child with that environment. */
  suits(words: HandOutWords): boolean {
    return isReachable(words.env, this.#env);
  }

  /** Gives it a life; one that is being killed right now is a child that was killed. False if it has not got all of that, and never will: then it has done nothing. */
  handOut(line: string): boolean {
    const socket = this.#line!;
    socket.write(line);
    // Node writes at once what the system takes at once.
    if (socket.destroyed || socket.writableLength > 0) {
      this.drop();
      return false;
    }
    socket.destroy();
    this.child.ref();
    return true;
  }

  drop(): void {
    this.#line?.destroy();
    this.child.kill('SIGKILL');
  }
}
