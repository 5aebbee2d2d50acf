/** A process that is booted and has nothing to do yet, as its parent sees it: see spare-words.ts. */
import { readSync } from 'node:fs';
import type { Socket } from 'node:net';

import { native } from '../../addon/loader.js';
import { inheritedExecArgv } from '../exec-argv.js';
import { ownExecutable } from '../executable.js';
import { ownIdentity } from '../identity.js';
import { environmentOf, isReachable } from './environment.js';
import { launch } from './launch.js';
import type { Launched } from './launched.js';
import { lineOf } from './spare-words.js';

/** One that has not begun by then is stopped, or the machine is very busy. */
const PATIENCE_MS = 1000;

/** What a process has from its parent when it begins, and cannot be given later. */
export const bornWith = () =>
  JSON.stringify([
    ownExecutable(),
    inheritedExecArgv(),
    process.getuid?.(),
    process.geteuid?.(),
    process.getgid?.(),
    process.getegid?.(),
  ]);

export class Spare {
  readonly process: Launched;
  /** bornWith() as it was then. */
  readonly born = bornWith();
  readonly #line: Socket;
  readonly #env: Readonly<Record<string, string>>;
  #isReady = false;

  /**
   * One that begins to boot, in the background, and keeps nothing alive; undefined when the system refuses.
   *
   * @param program see spareProgram()
   */
  static begin(program: string, preload: readonly string[], onEnd: (spare: Spare) => void): Spare | undefined {
    const env = environmentOf();
    const launched = launch({
      file: ownExecutable(),
      args: [...inheritedExecArgv(), program],
      env,
      cwd: undefined,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    return launched.pid === undefined ? undefined : new Spare(launched, env, preload, onEnd);
  }

  private constructor(
    launched: Launched,
    env: Readonly<Record<string, string>>,
    preload: readonly string[],
    onEnd: (spare: Spare) => void,
  ) {
    this.process = launched;
    this.#env = env;
    launched.onEnd(() => onEnd(this));
    launched.unref();
    this.#line = launched.streams[3]!;
    this.#line.on('error', () => {});
    this.#line.unref();
    this.#line.once('data', () => (this.#isReady = true));
    const { name, thread } = ownIdentity();
    this.#line.write(lineOf({ parent: { name, pid: process.pid, isThread: thread !== undefined }, preload }));
  }

  /** Whether it has booted, as far as this event loop has been told. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get isAlive(): boolean {
    return !this.process.hasEnded && native.childWait(this.process.pid, 0) !== 0;
  }

  /** Whether it can become a child with that environment. */
  suits(env: Readonly<Record<string, string>>): boolean {
    return isReachable(env, this.#env);
  }

  /**
   * Gives it a life; one that is being killed right now is a child that was killed. False if it has not got all of that,
   * and never will: then it has done nothing.
   */
  handOut(line: string): boolean {
    const socket = this.#line;
    socket.write(line);
    // Node writes at once what the system takes at once.
    if (socket.destroyed || socket.writableLength > 0) {
      this.drop();
      return false;
    }
    this.process.ref();
    return true;
  }

  /** Blocks until it lives the life that it was given, which takes a moment only: until then it ignores Ctrl-C. */
  awaitLife(): void {
    const end = performance.now() + PATIENCE_MS;
    while (!this.#hasLetGo() && native.childWait(this.process.pid, 1) !== 0 && performance.now() < end);
  }

  /** It closes its end of the socket then; what it said before was read before it was handed out. */
  #hasLetGo(): boolean {
    // oxlint-disable-next-line eslint/no-underscore-dangle -- Node's name for it
    const fd = (this.#line as unknown as { _handle?: { fd: number } | null })._handle?.fd ?? -1;
    if (fd < 0) return true;
    try {
      return readSync(fd, Buffer.alloc(1)) === 0;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'EAGAIN';
    }
  }

  drop(): void {
    this.#line.destroy();
    this.process.kill('SIGKILL');
  }
}
