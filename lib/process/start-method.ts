/**
 * The ways to start a child, and which one is meant where none was named.
 *
 * As in Python the default is fixed once: by setStartMethod(), or by the first who needs it. Children inherit it.
 */
import { checkChoice } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { ownIdentity } from './identity.js';

/**
 * 'spawn': a new node process each. 'forkserver': a process that was booted in advance. 'thread': a worker thread of this
 * process.
 */
export type StartMethod = 'spawn' | 'forkserver' | 'thread';

/** The first is the default. */
const methods: readonly StartMethod[] = ['spawn', 'forkserver', 'thread'];

/** Classes of contexts, which stand for one method whatever the default is. */
const tied = new WeakMap<object, StartMethod>();

/** The start methods there are, the default first. Python: `multiprocessing.get_all_start_methods`. */
export function getAllStartMethods(): StartMethod[] {
  return [...methods];
}

/**
 * The start method of processes that name none. It is fixed by this question, except with `allowNone`, where the answer
 * is null while nobody has fixed it.
 *
 * Python: `multiprocessing.get_start_method`.
 */
export function getStartMethod(): StartMethod;
export function getStartMethod(options: { allowNone?: boolean }): StartMethod | null;
export function getStartMethod(options?: { allowNone?: boolean }): StartMethod | null {
  const identity = ownIdentity();
  if (options?.allowNone !== true) identity.startMethod ??= methods[0]!;
  return identity.startMethod;
}

/**
 * Fixes the start method, once, in the guarded part of the main module. With `force` it can be changed later; null then
 * takes it back.
 *
 * Python: `multiprocessing.set_start_method`.
 *
 * @throws StateError when it is fixed already, by this function or because somebody needed it
 */
export function setStartMethod(method: StartMethod | null, options?: { force?: boolean }): void {
  const identity = ownIdentity();
  const force = options?.force === true;
  if (identity.startMethod !== null && !force) {
    throw createError('ERR_PROCLOOM_STATE', `setStartMethod(${method === null ? 'null' : `'${method}'`})`, {
      why: `the start method is '${identity.startMethod}' already: it was set, or a process was started by it`,
      remedy: 'Set it once and first, use getContext(method) beside it, or pass { force: true }.',
    });
  }
  identity.startMethod = method === null && force ? null : checkStartMethod(method!);
}

export function checkStartMethod(method: StartMethod): StartMethod {
  return checkChoice('method', method, methods);
}

/** @internal Processes of this class, and of its subclasses, start by that method. */
export function tieToStartMethod(processClass: object, method: StartMethod): void {
  tied.set(processClass, method);
}

/** @internal Whether it is one that a context made, and no class of the user's. */
export function isTied(processClass: object): boolean {
  return tied.has(processClass);
}

/** @internal By which method processes of this class start. */
export function startMethodOf(processClass: object): StartMethod {
  for (let at: object | null = processClass; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const method = tied.get(at);
    if (method !== undefined) return method;
  }
  return getStartMethod();
}
