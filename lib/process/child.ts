/**
 * A started child as its parent sees it, however it was started: its end, its exit code, its signals.
 *
 * Its end is told in the event loop; joinSync() and isAlive() look at it. Whoever awaits is told in the turn after the
 * event: by then Node has told of all children that ended together with this one.
 */
import type { Handle } from '../addon/native.js';
import type { SentJob } from './sent-job.js';
import type { Started } from './start/started.js';

/** When it is looked whether the child took over its references; each time is twice as late as the one before. */
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 60_000;

export class Child {
  readonly daemon: boolean;
  /** Settles in the turn after its end was told. */
  readonly ended: Promise<void>;

  readonly #started: Started;
  readonly #job: SentJob;
  #exitcode: number | null = null;
  #told = false;
  #look: NodeJS.Timeout | undefined;
  /** Waits that keep this process alive. */
  #waits = 0;

  /** @throws what `start` does; nothing of the job is left then */
  constructor(job: SentJob, daemon: boolean, start: () => Started) {
    this.#job = job;
    this.daemon = daemon;
    try {
      this.#started = start();
    } catch (error) {
      job.abandon();
      throw error;
    }
    this.ended = new Promise((resolve) => {
      this.#started.onEnd((exitcode) => {
        this.#told = true;
        this.#end(exitcode);
        setImmediate(resolve);
      });
    });
    if (daemon) this.#started.unref();
    this.#lookLater(FIRST_LOOK_MS);
  }

  get pid(): number {
    return this.#started.pid;
  }

  get ident(): number {
    return this.#started.ident;
  }

  /** How who blocks is told of its end: by the system, which knows its pid, or by an event. */
  get endIsOf(): { pid: number } | { event: Handle } {
    const { endEvent, pid } = this.#started;
    return endEvent === undefined ? { pid } : { event: endEvent };
  }

  /** Whether this process may leave what it shares without taking from the child what that still needs. */
  get standsAlone(): boolean {
    return this.#started.standsAlone && this.#job.arrived;
  }

  get stdout(): NodeJS.ReadableStream | null {
    return this.#started.stdout;
  }

  get stderr(): NodeJS.ReadableStream | null {
    return this.#started.stderr;
  }

  /** As Python's: N for exit(N), -N for death by signal N; null while it runs. */
  get exitcode(): number | null {
    return this.hasEnded(0) ? this.#exitcode : null;
  }

  /** Waits so long for its end, blocking this thread; less than zero is for ever. */
  hasEnded(timeoutMs: number): boolean {
    if (this.#exitcode !== null) return true;
    const exitcode = this.#started.look(timeoutMs);
    if (exitcode === null) return false;
    this.#end(exitcode);
    return true;
  }

  /** Does nothing once it is dead. */
  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded(0)) this.#started.signal(signal);
  }

  /** A wait begins (or ends) that keeps this process alive; a daemon alone does not. */
  hold(): void {
    if (this.daemon && this.#waits++ === 0 && !this.#told) this.#started.ref();
  }

  letGo(): void {
    if (this.daemon && --this.#waits === 0 && !this.#told) this.#started.unref();
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
