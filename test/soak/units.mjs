// What is killed and replaced as a whole: a process with its slots, or a thread of the director's process.
import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { EOFError, Pipe, Process, Queue } from 'procloom';

const program = new URL('host.mjs', import.meta.url);

/** Where a thread finds its task. Whoever lives longer than the thread makes it, as a name outlives its users. */
function makeInbox(task) {
  const inbox = new Queue(0, { name: `soak-${randomBytes(8).toString('hex')}`, open: 'create' });
  inbox.putSync(task);
  return inbox;
}

function remove(inbox) {
  inbox?.unlink();
  inbox?.close();
}

class Unit {
  slots;
  incarnation = 0;
  /** While it is being killed and replaced. */
  busy = false;
  /** Whether this incarnation has ended. */
  gone = false;
  /** When it was started, and whether it has not begun to work since. */
  started = 0;
  starting = false;
  /** Resolves with what was wrong with its end, or undefined; once for each incarnation. */
  ended;

  constructor(slots) {
    this.slots = slots;
  }
}

export class ProcessUnit extends Unit {
  kind = 'process';
  #process;

  start(job) {
    const [slot, innerSlot] = this.slots;
    const inbox = innerSlot === undefined ? undefined : makeInbox([job, innerSlot, this.incarnation]);
    const [ours, theirs] = Pipe({ capacity: 4096, duplex: true });
    this.#process = new Process({
      target: { module: program, export: 'host' },
      args: [job, slot, this.incarnation, theirs, inbox?.name],
      daemon: true,
    }).start();
    theirs.close();
    this.ended = this.#end(this.#process, ours, inbox);
  }

  async #end(child, lifeline, inbox) {
    const code = await child.join();
    remove(inbox);
    // Whoever holds the only handle of the other end is dead: this must end by itself.
    const told = await lifeline.recv({ timeout: 30_000 }).catch((error) => error);
    lifeline.close();
    child.close();
    if (!(told instanceof EOFError)) return `a process has ended, and its pipe says ${told}`;
    return code === 0 || (code === -9 && this.busy) ? undefined : `a process ended with exit code ${code}`;
  }

  kill() {
    this.#process.kill();
  }
}

export class ThreadUnit extends Unit {
  kind = 'thread';
  #worker;

  start(job) {
    const inbox = makeInbox([job, this.slots[0], this.incarnation]);
    this.#worker = new Worker(program, { workerData: inbox.name });
    this.ended = this.#end(this.#worker, inbox);
  }

  async #end(worker, inbox) {
    let failure;
    worker.on('error', (error) => (failure = error));
    const code = await new Promise((resolve) => worker.on('exit', resolve));
    remove(inbox);
    if (failure !== undefined) return `a thread ended with ${failure.stack ?? failure}`;
    return code === 0 || this.busy ? undefined : `a thread ended with exit code ${code}`;
  }

  /** One that blocks ends when its wait does. */
  kill() {
    void this.#worker.terminate();
  }
}
