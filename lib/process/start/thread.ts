/**
 * Start method 'thread': each child is a worker thread of this process.
 *
 *     here                                        thread-main.ts
 *     words ──────────── shared ──────────────►   how far it is, who ended it, its exit code
 *     event ◄─ set by the addon when the thread's environment is gone: for those who block
 *     line  ◄─ cut when the thread is gone:       for one that ends before it can have its end announced
 *     the Worker's 'exit', in the event loop:     for those who await
 *
 * Nothing that a thread needs on its way passes this thread's event loop, so this one may block meanwhile. That is why its
 * output does not go by Node's own streams, either.
 */
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';

import { native } from '../../addon/loader.js';
import { OPEN_CREATE, type Handle } from '../../addon/native.js';
import { CLOSED, orThrow } from '../../addon/status-error.js';
import { createError } from '../../errors/codes.js';
import { restOf } from '../../sync/loop-waits.js';
import { inheritedExecArgv } from '../exec-argv.js';
import { ownIdentity } from '../identity.js';
import type { JobText } from '../sent-job.js';
import { ownVariables, variablesOf } from './environment.js';
import { threadProgram } from './program.js';
import type { Started, StartOptions } from './started.js';
import { checkDescriptors, threadRefused } from './thread-refused.js';
import * as word from './thread-words.js';

/** How often a thread is looked after where nothing tells. */
const LOOK_MS = 20;
/** How long a thread that is still loading modules has to end by itself. */
const PATIENCE_MS = 2000;

/** @throws ProcessError when the system does not start it, or when it is to have what no thread can have */
export function startThread(job: JobText, options: StartOptions): Started {
  const { name, env, cwd, resourceLimits } = options;
  const asked = `start of ${name}`;
  if (cwd !== undefined && resolve(cwd) !== process.cwd()) {
    throw createError('ERR_PROCLOOM_START_METHOD', asked, {
      why: `its cwd is to be '${cwd}', and a thread shares the working directory of its process (${process.cwd()})`,
    });
  }
  checkDescriptors(asked);
  const bootstrap = threadProgram(options);
  const event = orThrow(native.eventCreate('', OPEN_CREATE), asked);
  const words = new Int32Array(new SharedArrayBuffer(word.WORDS * Int32Array.BYTES_PER_ELEMENT));
  const line = new MessageChannel();
  const { output, ports, stdout, stderr } = outputOf(options.stdio);
  const workerData: word.ThreadData = {
    job: job.text,
    words,
    event: native.reference(event) as string,
    line: line.port2,
    output,
    env: env && variablesOf(env),
    ownVariables: ownVariables(),
  };
  try {
    const worker = new Worker(bootstrap, {
      name,
      workerData,
      transferList: [line.port2, ...ports],
      ...execArgvOf(options),
      ...(resourceLimits && { resourceLimits }),
    });
    return new StartedThread(worker, options, { words, event, line: line.port1, stdout, stderr });
  } catch (cause) {
    native.close(event);
    line.port1.close();
    stdout?.close();
    stderr?.close();
    const { code, message: why } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_WORKER_INIT_FAILED') throw threadRefused(asked, why, cause);
    throw createError('ERR_PROCLOOM_START_METHOD', asked, { why: `Node does not start such a thread: ${why}`, cause });
  }
}

/** Inherited flags are Node's matter, which knows those of the process; not so what only made sense for its main program. */
function execArgvOf({ execArgv }: StartOptions): { execArgv?: string[] } {
  if (execArgv !== undefined) return { execArgv: [...execArgv] };
  const inherited = inheritedExecArgv();
  return inherited.length === process.execArgv.length ? {} : { execArgv: inherited };
}

interface OutputEnds {
  output: word.Output;
  ports: MessagePort[];
  stdout: PortStream | null;
  stderr: PortStream | null;
}

function outputOf(stdio: StartOptions['stdio']): OutputEnds {
  const none = { ports: [], stdout: null, stderr: null };
  if (stdio === 'ignore') return { output: 'nowhere', ...none };
  // What a thread with streams of its own inherits to its threads is not the descriptors of the process.
  if (stdio === 'inherit') return { output: ownIdentity().thread?.output ?? 'descriptors', ...none };
  const [stdout, stderr] = [new MessageChannel(), new MessageChannel()];
  return {
    output: { stdout: stdout.port2, stderr: stderr.port2 },
    ports: [stdout.port2, stderr.port2],
    stdout: new PortStream(stdout.port1),
    stderr: new PortStream(stderr.port1),
  };
}

/** What was posted last is there even if the thread was terminated; then the port is closed. */
class PortStream extends Readable {
  readonly #port: MessagePort;
  readonly #closed: Promise<void>;

  constructor(port: MessagePort) {
    super({ read() {} });
    this.#port = port;
    port.on('message', (chunk: Uint8Array) => this.push(chunk));
    this.#closed = new Promise((resolve) => port.once('close', resolve));
  }

  /** The thread has ended, and nothing is to be added: ends after all that it has posted. */
  endAfterAll(): void {
    this.#port.ref();
    void this.#closed.then(() => this.push(null));
  }

  /** There is no thread. */
  close(): void {
    this.#port.close();
  }

  /** Whether it keeps this process alive. */
  ref(): void {
    this.#port.ref();
  }

  unref(): void {
    this.#port.unref();
  }
}

interface Shared {
  words: Int32Array;
  event: Handle;
  line: MessagePort;
  stdout: PortStream | null;
  stderr: PortStream | null;
}

class StartedThread implements Started {
  readonly pid = process.pid;
  readonly ident: number;
  readonly stdout: PortStream | null;
  readonly stderr: PortStream | null;
  readonly #worker: Worker;
  readonly #words: Int32Array;
  readonly #reference: string;
  #event: Handle;
  #line: MessagePort;
  #ended: number | undefined;
  /** When it is stopped by force, for those who block and for the event loop. */
  #patience: number | undefined;
  #stopping: NodeJS.Timeout | undefined;

  constructor(worker: Worker, { name, stdio }: StartOptions, shared: Shared) {
    this.ident = worker.threadId;
    this.stdout = shared.stdout;
    this.stderr = shared.stderr;
    this.#worker = worker;
    this.#words = shared.words;
    this.#event = shared.event;
    this.#reference = native.reference(shared.event) as string;
    this.#line = shared.line;
    worker.on('error', (error) => {
      // One that ran out of memory, or failed before our first line, cannot tell it itself.
      Atomics.compareExchange(this.#words, word.CODE, 0, 1);
      if (this.#words[word.TOLD] === 1 || stdio === 'ignore') return;
      const text = `Process ${name}:\n${inspect(error)}\n`;
      if (shared.stderr === null) process.stderr.write(text);
      else shared.stderr.push(text);
    });
  }

  onEnd(listener: (exitcode: number) => void): void {
    this.#worker.once('exit', (code) => {
      this.#words[word.CODE] ||= code;
      this.#ended = this.#exitcode();
      native.close(this.#event);
      this.#line.close();
      clearTimeout(this.#stopping);
      this.stdout?.endAfterAll();
      this.stderr?.endAfterAll();
      listener(this.#ended);
    });
  }

  look(timeoutMs: number): number | null {
    const rest = restOf(timeoutMs);
    while (this.#ended === undefined) {
      const phase = Atomics.load(this.#words, word.PHASE);
      if (phase === word.CALLED_OFF) return this.#exitcode();
      const begins = phase < word.BEGUN;
      if (this.#isOver(begins || this.#patience !== undefined ? slice(rest()) : rest())) return this.#exitcode();
      if (begins && this.#lineIsCut()) return this.#exitcode();
      if (this.#patience !== undefined && performance.now() >= this.#patience) this.#stop();
      if (rest() === 0) return null;
    }
    return this.#ended;
  }

  /** Until then it needs the event that we hold. */
  get standsAlone(): boolean {
    return this.#ended !== undefined || Atomics.load(this.#words, word.PHASE) >= word.BEGUN;
  }

  get endEvent(): Handle {
    return this.#event;
  }

  signal(signal: NodeJS.Signals): void {
    Atomics.compareExchange(this.#words, word.CAUSE, 0, -constants.signals[signal]);
    Atomics.compareExchange(this.#words, word.PHASE, word.STARTING, word.CALLED_OFF);
    if (Atomics.load(this.#words, word.PHASE) === word.RUNNING) return this.#stop();
    // It ends by itself as soon as it has loaded what it is loading (thread-main.ts), if that comes to an end.
    if (this.#stopping !== undefined) return;
    this.#patience = performance.now() + PATIENCE_MS;
    this.#stopping = setTimeout(() => this.#stop(), PATIENCE_MS).unref();
  }

  ref(): void {
    this.#worker.ref();
    this.stdout?.ref();
    this.stderr?.ref();
  }

  unref(): void {
    this.#worker.unref();
    this.stdout?.unref();
    this.stderr?.unref();
  }

  #stop(): void {
    this.#patience = undefined;
    clearTimeout(this.#stopping);
    void this.#worker.terminate();
  }

  #isOver(timeoutMs: number): boolean {
    const waited = native.eventWait(this.#event, timeoutMs);
    if (waited !== CLOSED) return waited === undefined;
    // This thread has left already, because it ends; the other holds the event for as long as it lives.
    this.#event = native.open(this.#reference, native.kind.EVENT);
    return this.#event < 0 || native.eventWait(this.#event, timeoutMs) === undefined;
  }

  /** A port whose other end is gone can be received from no more, and sent nowhere. */
  #lineIsCut(): boolean {
    receiveMessageOnPort(this.#line);
    try {
      this.#line = structuredClone(this.#line, { transfer: [this.#line] });
      return false;
    } catch {
      return true;
    }
  }

  #exitcode(): number {
    const cause = Atomics.load(this.#words, word.CAUSE);
    if (cause < 0) return cause;
    // As the system does with the exit codes of processes.
    return (cause === word.OWN_END ? this.#words[word.CODE]! : this.#words[word.CODE]! || 1) & 0xff;
  }
}

function slice(timeoutMs: number): number {
  return timeoutMs < 0 ? LOOK_MS : Math.min(timeoutMs, LOOK_MS);
}
