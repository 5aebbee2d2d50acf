/**
 * The program that a child runs: it reads its job, imports what that needs, and runs it.
 *
 *     node [flags] child-main.js <reference of the job> <file of the addon> <private directory>
 *
 * Every child waits for what is imported here, so it is little: the addon, the codec, and, only when they are needed,
 * the class Process and those of shareables. How the child ends is Node's own way: when the event loop is empty, with
 * process.exit(), by a signal, or by an uncaught error, above which stands the name of the process.
 */
import { becomeChild, ownIdentity } from './identity.js';
import type { JobBody, JobHead, ReceivedJob } from './job.js';
import { importKinds } from './shareable-modules.js';

const [, , reference, addonFile, directory] = process.argv as string[];

/** Variables by which the addon finds its file and its place; the program must not see that they were set for it. */
async function withVariables<T>(variables: Record<string, string>, then: () => Promise<T>): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return await then();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

async function receive(): Promise<ReceivedJob> {
  const { ReceivedJob: Received } = await import('./job.js');
  await import('../memory/leave.js');
  return new Received(reference!);
}

type AnyFunction = (...args: unknown[]) => unknown;

async function importTarget(target: JobHead['target']): Promise<AnyFunction | undefined> {
  if (target === undefined) return undefined;
  const { load } = await import('./runnable.js');
  const identity = ownIdentity();
  identity.importing = 'module' in target ? target.module : undefined;
  try {
    return await load(target);
  } finally {
    identity.importing = undefined;
  }
}

interface Prepared {
  body: JobBody;
  target: AnyFunction | undefined;
  subclass: AnyFunction | undefined;
}

async function prepare(job: ReceivedJob): Promise<Prepared> {
  try {
    const subclass = await importTarget(job.head.class);
    const target = await importTarget(job.head.target);
    await importKinds(job.head.kinds);
    return { body: job.take(), target, subclass };
  } catch (error) {
    // Who waits at the other end of something that was sent here is told that nobody will come.
    await importKinds(job.head.kinds);
    job.refuse();
    throw error;
  }
}

async function runSubclass(head: JobHead, { body, target, subclass }: Prepared): Promise<void> {
  const { Process, setCurrentProcess } = await import('./process.js');
  const { call } = await import('./runnable.js');
  const { name, path, daemon } = head;
  const job = target && { target: (args: unknown[], kwargs?: object) => call(target, args, kwargs), ...body };
  const current = Process.of(
    { role: 'self', name, path, daemon, pid: process.pid, job },
    subclass as unknown as typeof Process,
  );
  Object.assign(current, body.fields);
  setCurrentProcess(current);
  await current.run();
}

async function main(): Promise<void> {
  const job = await withVariables({ PROCLOOM_ADDON: addonFile!, PROCLOOM_DIR: directory! }, receive);
  const { head } = job;
  process.argv.splice(1, Infinity, ...head.argv);
  process.on('uncaughtExceptionMonitor', () => {
    // A program that handles its errors itself says what it wants to say.
    if (process.listenerCount('uncaughtException') === 0) process.stderr.write(`Process ${head.name}:\n`);
  });
  if (head.daemon) await dieWith(head.parent.pid);
  const { name, path, daemon, parent } = head;
  becomeChild({ name, path, daemon, parent, authkey: Buffer.from(head.authkey), importing: undefined });
  const prepared = await prepare(job);
  const { body, target, subclass } = prepared;
  if (subclass !== undefined) await runSubclass(head, prepared);
  else if (target !== undefined) await target(...body.args, ...(body.kwargs === undefined ? [] : [body.kwargs]));
}

async function dieWith(parent: number): Promise<void> {
  const { native } = await import('../addon/loader.js');
  if (native.dieWithParent(parent) < 0) process.kill(process.pid, 'SIGKILL');
}

// An error goes the way of all unhandled ones.
void main();
