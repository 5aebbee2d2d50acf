/**
 * Process: the class.
 *
 *     start(): job (who, what, with which values; see job.ts) ──► a start method ──► run-job.ts ──► run() ──► target(...args)
 */
import type { WaitOptions, SyncWaitOptions } from '../sync/loop-waits.js';
import {
  checkBoolean,
  checkOptions,
  checkSignal,
  checkString,
  checkTimeout,
  invalidArgument,
} from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import type { StateError } from '../errors/errors.js';
import { Child } from './child.js';
import { addChild } from './children.js';
import { endsWithin } from './ending.js';
import { nextPath, ownAuthkey, ownIdentity } from './identity.js';
import type { JobBody, JobHead } from './job.js';
import { isParent, parentEnded, parentEndedSync } from './parent.js';
import { checkProcessOptions, type ProcessOptions } from './process-options.js';
import { type AnyFunction, call, load } from '../target/runnable.js';
import { SentJob } from './sent-job.js';
import { getStartMethod, isTied, startMethodOf } from './start-method.js';
import { starts } from './start/methods.js';
import { checkFreezeSupport, checkHasMain } from './start/program.js';
import { checkTarget, referTo, type Target } from '../target/target.js';

/** What the object stands for. */
type Role = 'child' | 'self' | 'parent';

/** @internal For objects that no user constructs. */
interface Known {
  role: Role;
  name: string;
  path: readonly number[];
  daemon: boolean;
  pid: number;
  /** What run() does, in the child. */
  job: (() => unknown) | undefined;
}

let known: Known | undefined;

/** Bundlers name a class that mentions itself otherwise. */
const defaultName = (processClass: typeof Process) => (processClass === Process ? 'Process' : processClass.name);

/**
 * A child process. start() once; its process runs run(), which calls target(...args). Subclasses override run(); their
 * own enumerable fields travel (private ones do not, and the constructor does not run over there), so the class must be
 * exported by its module. When this process ends, daemons are terminated and the others are waited for.
 *
 * Python: `multiprocessing.Process`. The child goes on until its event loop is empty, as every Node program does.
 */
export class Process {
  readonly #role: Role;
  readonly #path: readonly number[];
  readonly #pid: number | undefined;
  #name: string;
  #daemon: boolean;
  #authkey: Buffer | undefined;
  #options: ProcessOptions;
  #target: Target | undefined;
  #job: Known['job'];
  #child: Child | undefined;
  #closed = false;

  constructor(options: ProcessOptions = {}) {
    checkOptions(options);
    const own = known;
    known = undefined;
    this.#role = own?.role ?? 'child';
    this.#path = own?.path ?? nextPath();
    this.#pid = own?.pid;
    this.#job = own?.job;
    this.#options = checkProcessOptions(options);
    this.#target = checkTarget(options.target);
    this.#name = own?.name ?? options.name ?? `${defaultName(new.target)}-${this.#path.join(':')}`;
    this.#daemon = own?.daemon ?? options.daemon ?? ownIdentity().daemon;
  }

  /** @internal An object of the class for a process that exists; fields of a subclass are set afterwards. */
  static of(what: Known, processClass: typeof Process = Process): Process {
    known = what;
    try {
      // Only this constructor runs, not those of subclasses.
      return Reflect.construct(Process, [], processClass) as Process;
    } finally {
      known = undefined;
    }
  }

  /**
   * Starts the child, once. What it is given is encoded now.
   *
   * @throws SerializeError for a target or an argument that cannot travel; ProcessError when the system refuses, when
   *   this process is a daemon, or when it is a child that is still importing the module of its target
   */
  start(): this {
    this.#check('start');
    if (this.#role !== 'child') throw this.#state('start', 'it is running already');
    if (this.#child !== undefined) {
      throw this.#state('start', 'a process can be started only once', 'Make a new Process for each start.');
    }
    const { daemon, importing, name, thread } = ownIdentity();
    if (importing !== undefined) {
      throw createError('ERR_PROCLOOM_UNGUARDED_MAIN', `start of ${this.#name}`, {
        why: `this process (${name}) is a child that is still importing ${importing}`,
      });
    }
    checkFreezeSupport(this.#name);
    if (daemon) throw createError('ERR_PROCLOOM_DAEMON_CHILDREN', `start of ${this.#name} in ${name}`);
    const own = this.constructor as typeof Process;
    const method = startMethodOf(own);
    const subclass = own === Process || isTied(own) ? undefined : own;
    const { args = [], kwargs, env, execArgv, cwd, stdio = 'inherit', resourceLimits } = this.#options;
    const head: JobHead = {
      name: this.#name,
      path: this.#path,
      daemon: this.#daemon,
      authkey: this.authkey.toString('base64'),
      parent: { name, pid: process.pid, isThread: thread !== undefined },
      argv: process.argv.slice(1),
      startMethod: getStartMethod({ allowNone: true }),
      target: this.#target === undefined ? undefined : referTo(this.#target),
      class: subclass === undefined ? undefined : referTo(subclass as never),
    };
    checkHasMain(this.#name, method, [head.target, head.class]);
    const body: JobBody = { args, kwargs, fields: subclass && { ...(this as Record<string, unknown>) } };
    const job = new SentJob(head, body);
    const startOptions = { name: this.#name, env, execArgv, cwd, stdio, resourceLimits };
    this.#child = new Child(job, this.#daemon, () => starts[method](job, startOptions));
    addChild(this.#child, this);
    // As Python: what the child has now need not live here as well.
    this.#options = {};
    this.#target = undefined;
    return this;
  }

  /** What the child does: calls the target. Called directly, it runs here. */
  run(): unknown {
    if (this.#job !== undefined) return this.#job();
    if (this.#target === undefined) return undefined;
    const { args = [], kwargs } = this.#options;
    if (typeof this.#target === 'function') return call(this.#target as AnyFunction, args, kwargs);
    return load(referTo(this.#target)).then((fn) => call(fn, args, kwargs));
  }

  /** Waits for its end. Resolves with the exit code, or null when the timeout passed first. */
  async join(options?: WaitOptions): Promise<number | null> {
    const timeoutMs = checkTimeout(checkOptions(options)?.timeout);
    const signal = checkSignal(options?.signal);
    const ref = options?.ref ?? true;
    this.#check('join');
    if (this.#role === 'parent') return this.#joinParent(timeoutMs, signal, ref);
    const child = this.#started('join');
    signal?.throwIfAborted();
    if (timeoutMs === 0 || child.hasEnded(0)) return child.exitcode;
    if (ref) child.hold();
    try {
      return (await endsWithin(child.ended, timeoutMs, signal, ref)) ? child.exitcode : null;
    } finally {
      if (ref) child.letGo();
    }
  }

  /** As join(), blocking this thread. */
  joinSync(options?: SyncWaitOptions): number | null {
    const timeoutMs = checkTimeout(checkOptions(options)?.timeout);
    this.#check('joinSync');
    if (this.#role === 'parent') {
      parentEndedSync(this.#pid!, timeoutMs);
      return null;
    }
    const child = this.#started('joinSync');
    return child.hasEnded(timeoutMs) ? child.exitcode : null;
  }

  /** Whether it was started and has not ended. */
  isAlive(): boolean {
    this.#check('isAlive');
    if (this.#role === 'self') return true;
    if (this.#role === 'parent') return isParent(this.#pid!);
    return this.#child !== undefined && !this.#child.hasEnded(0);
  }

  /** Sends SIGTERM. Nothing happens if it has ended; its own children are not told. */
  terminate(): void {
    this.#signal('terminate', 'SIGTERM');
  }

  /** Sends SIGKILL. */
  kill(): void {
    this.#signal('kill', 'SIGKILL');
  }

  /** Sends SIGINT, as Ctrl-C does. */
  interrupt(): void {
    this.#signal('interrupt', 'SIGINT');
  }

  /** Gives the object up. StateError while it runs; afterwards only its name, daemon and authkey can be asked for. */
  close(): void {
    if (this.#closed || this.#role !== 'child') return;
    if (this.#child !== undefined && !this.#child.hasEnded(0)) {
      throw this.#state('close', 'it is still running', 'join() it first, or terminate() it.');
    }
    this.#closed = true;
  }

  /** Its name, for people: it need not be unique. */
  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = checkString('name', name);
  }

  /** Whether it is terminated when this process ends. Set it before start(). */
  get daemon(): boolean {
    return this.#daemon;
  }

  set daemon(daemon: boolean) {
    checkBoolean('daemon', daemon);
    if (this.#child !== undefined || this.#role !== 'child') {
      throw this.#state('daemon = …', 'it has started already', 'Set daemon before start().');
    }
    this.#daemon = daemon;
  }

  /** The key by which processes of one family know each other; children inherit it. Set it before start(). */
  get authkey(): Buffer {
    return this.#role === 'self' ? ownAuthkey() : (this.#authkey ??= ownAuthkey());
  }

  set authkey(authkey: Buffer) {
    if (!(authkey instanceof Uint8Array)) throw invalidArgument(TypeError, 'authkey must be a Buffer', authkey);
    const key = Buffer.from(authkey);
    if (this.#role === 'self') ownIdentity().authkey = key;
    else this.#authkey = key;
  }

  /** undefined before start(). */
  get pid(): number | undefined {
    this.#check('pid');
    return this.#child?.pid ?? this.#pid;
  }

  /** The same as pid; of a thread its number (Node's threadId), for its pid is that of its process. */
  get ident(): number | undefined {
    this.#check('ident');
    const self = this.#role === 'self' ? ownIdentity().thread?.ident : undefined;
    return this.#child?.ident ?? self ?? this.#pid;
  }

  /** null until it ended; N for exit(N), 1 for an uncaught error, -N for death by signal N. */
  get exitcode(): number | null {
    this.#check('exitcode');
    return this.#child?.exitcode ?? null;
  }

  /** Settles when the process has ended. */
  get sentinel(): Promise<void> {
    this.#check('sentinel');
    return this.#role === 'parent' ? parentEnded(this.#pid!, false) : this.#started('sentinel').ended;
  }

  /** What the child prints, with stdio 'pipe'. */
  get stdout(): NodeJS.ReadableStream | null {
    return this.#child?.stdout ?? null;
  }

  /** What the child prints of errors, with stdio 'pipe'. */
  get stderr(): NodeJS.ReadableStream | null {
    return this.#child?.stderr ?? null;
  }

  /** Waits for its end, if it was started, and closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== undefined && !this.#closed) await this.join();
    this.close();
  }

  /** @internal How who blocks is told of its end; undefined for what is no child. */
  endIsOf(): Child['endIsOf'] | undefined {
    return this.#child?.endIsOf;
  }

  async #joinParent(timeoutMs: number, signal: AbortSignal | undefined, ref: boolean): Promise<null> {
    const stop = new AbortController();
    try {
      if (timeoutMs !== 0) await endsWithin(parentEnded(this.#pid!, ref, stop.signal), timeoutMs, signal, ref);
    } finally {
      stop.abort();
    }
    return null;
  }

  #signal(verb: string, signal: NodeJS.Signals): void {
    this.#check(verb);
    if (this.#role === 'child') return this.#started(verb).signal(signal);
    const { thread, parent } = ownIdentity();
    if (this.#role === 'self' && thread !== undefined) return thread.end(signal);
    if (this.#role === 'parent' && parent?.isThread === true && parent.pid === process.pid) {
      throw this.#state(verb, 'a thread cannot end the one that started it', 'Let that one terminate() this thread.');
    }
    process.kill(this.#pid!, signal);
  }

  #started(verb: string): Child {
    if (this.#child !== undefined) return this.#child;
    if (this.#role === 'self') throw this.#state(verb, 'a process cannot do that with itself');
    throw this.#state(verb, 'it was not started', 'Call start() first.');
  }

  #check(verb: string): void {
    if (this.#closed) throw createError('ERR_PROCLOOM_CLOSED', `${verb} of ${this.#name}`);
  }

  #state(verb: string, why: string, remedy = ''): StateError {
    return createError('ERR_PROCLOOM_STATE', `${verb} of ${this.#name}`, { why, remedy });
  }
}
