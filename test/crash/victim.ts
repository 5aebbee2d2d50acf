// A process to be killed: it does a job (fixtures/crash/holder.mjs), says so, and then only waits.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Queue } from '../../lib/queue/queue.js';

const program = fileURLToPath(new URL('../fixtures/crash/holder.mjs', import.meta.url));

export class Victim {
  readonly #child: ChildProcess;
  readonly #told = new Queue<string>();

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when it has done its job, or, for one that blocks (`before`), when it is about to. */
  static async start(job: string, { before = false }: { before?: boolean } = {}, ...args: unknown[]): Promise<Victim> {
    const name = `victim-${randomBytes(8).toString('hex')}`;
    using inbox = new Queue<unknown>(0, { name, open: 'create' });
    const victim = new Victim(spawn(process.execPath, [program, name], { stdio: 'inherit' }));
    inbox.putSync([job, victim.#told, before, ...args]);
    try {
      await victim.#told.get();
    } finally {
      inbox.unlink();
    }
    return victim;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it tells after that. */
  told(): Promise<string> {
    return this.#told.get();
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    this.#told.close();
  }
}
