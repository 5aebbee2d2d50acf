/**
 * What a child does, however it was started: it reads its job, imports what that needs, and runs it.
 *
 * Every child waits for what is imported here, so it is next to nothing: the addon and the codec come with a body, the
 * class Process with a subclass, shareables when some were sent. How the child ends is Node's own way: when the event
 * loop is empty, with process.exit(), by a signal, or by an uncaught error, above which stands the name of the process.
 */
import { becomeChild, ownIdentity, type ThreadIdentity } from './identity.js';
import type { JobBody, JobHead } from './job.js';
import type { ReceivedBody } from './received-body.js';
import { writeOutputAtOnce } from './start/direct-output.js';
import { type AnyFunction, call, load } from '../target/runnable.js';

async function readHead(text: string): Promise<JobHead> {
  if (!text.startsWith('#')) return JSON.parse(text) as JobHead;
  const { readLongHead } = await import('./received-body.js');
  return JSON.parse(readLongHead(text.slice(1))) as JobHead;
}

async function openBody({ body }: JobHead): Promise<ReceivedBody | undefined> {
  if (body === undefined) return undefined;
  const { ReceivedBody: Received } = await import('./received-body.js');
  return new Received(body.reference);
}

async function importShareables({ body }: JobHead): Promise<void> {
  if (body === undefined || body.kinds.length === 0) return;
  const { importKinds } = await import('./shareable-modules.js');
  await importKinds(body.kinds);
}

async function importTarget(target: JobHead['target']): Promise<AnyFunction | undefined> {
  if (target === undefined) return undefined;
  const identity = ownIdentity();
  identity.importing = 'module' in target ? target.module : undefined;
  try {
    return await load(target);
  } finally {
    identity.importing = undefined;
  }
}

interface Prepared extends JobBody {
  target: AnyFunction | undefined;
  subclass: AnyFunction | undefined;
}

async function prepare(head: JobHead): Promise<Prepared> {
  const body = await openBody(head);
  try {
    const subclass = await importTarget(head.class);
    const target = await importTarget(head.target);
    await importShareables(head);
    const { args, kwargs, fields } = body?.take() ?? { args: head.args!, kwargs: undefined, fields: undefined };
    // What cannot be imported is told where it is run, and only there.
    for (const needed of body?.needs ?? []) await importTarget(needed).catch(() => {});
    return { args, kwargs, fields, target, subclass };
  } catch (error) {
    // Who waits at the other end of something that was sent here is told that nobody will come.
    await importShareables(head);
    body?.refuse();
    throw error;
  }
}

async function runSubclass(head: JobHead, { args, kwargs, fields, target, subclass }: Prepared): Promise<void> {
  const [{ Process }, { setCurrentProcess }] = await Promise.all([import('./process.js'), import('./current.js')]);
  const { name, path, daemon } = head;
  const job = target && (() => call(target, args, kwargs));
  const what = { role: 'self', name, path, daemon, pid: process.pid, job } as const;
  const current = Process.of(what, subclass as unknown as typeof Process);
  Object.assign(current, fields);
  setCurrentProcess(current);
  await current.run();
}

async function dieWith(parent: number): Promise<void> {
  const { native } = await import('../addon/loader.js');
  if (native.dieWithParent(parent) < 0) process.kill(process.pid, 'SIGKILL');
}

/** A child that is a thread. Node prints the error that ends a process; a thread does that itself. */
export interface ThreadHost extends ThreadIdentity {
  textOf(error: unknown): string;
  /** All is loaded, and the target's turn has come. */
  runs(): void;
}

/** From now on this process is that child. */
export function takeOn(head: JobHead, thread?: ThreadHost): void {
  const { name, path, daemon, parent, authkey, argv, startMethod } = head;
  process.argv.splice(1, Infinity, ...argv);
  if (thread === undefined) writeOutputAtOnce();
  process.on('uncaughtExceptionMonitor', (error) => {
    // A program that handles its errors itself says what it wants to say.
    if (process.listenerCount('uncaughtException') > 0) return;
    process.stderr.write(`Process ${name}:\n${thread?.textOf(error) ?? ''}`);
  });
  const key = Buffer.from(authkey, 'base64');
  becomeChild({ name, path, daemon, parent, thread, authkey: key, startMethod, importing: undefined });
}

/** Runs what the child that this process is was started for. */
export async function runHead(head: JobHead, thread?: ThreadHost): Promise<void> {
  // A thread ends with its process whatever it is.
  if (head.daemon && thread === undefined) await dieWith(head.parent.pid);
  const prepared = await prepare(head);
  thread?.runs();
  if (prepared.subclass !== undefined) await runSubclass(head, prepared);
  else if (prepared.target !== undefined) await call(prepared.target, prepared.args, prepared.kwargs);
}

/** @param text what job.ts says */
export async function runJob(text: string, thread?: ThreadHost): Promise<void> {
  const head = await readHead(text);
  takeOn(head, thread);
  await runHead(head, thread);
}
