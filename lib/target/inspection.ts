/**
 * Where a function was defined, asked of the inspector in this process.
 *
 *     Runtime.evaluate(throw fn)  the numbers and URLs of the scripts on the stack: mostly the caller defines it
 *     Runtime.getProperties(fn)   [[FunctionLocation]]: the number of its script, and the place in it
 *                                 [[Scopes]]: the variables of its module, among which it is looked for by identity
 *     Debugger.enable             the URL and text of every script there is
 *
 * The last one is left to those who cannot do without: the inspector hashes the text of every script then, which takes
 * tens of milliseconds. Whatever debugger is attached besides sees nothing of all this: sessions are independent.
 */
import { createError } from '../errors/codes.js';
import { isBundled } from './packed-main.js';

export type AnyFunction = (...args: never[]) => unknown;

export interface Inspected {
  scriptId: string;
  lineNumber: number;
  columnNumber: number;
  /**
   * The variables of its ES module that hold it now; 'Jobs.run' for a static method of a class in one. undefined where
   * no ES module defines it. Variables that are neither exported nor used by a function are not among them.
   */
  variables: string[] | undefined;
  /** undefined where the script is not known without all being told: see scriptOf(). */
  url: string | undefined;
  /** The URLs of what called, the nearest first; not those of this package. */
  callers: string[];
  /** Whether code of no function is on the stack there: then its module may be in the midst of being evaluated. */
  calledAtTopLevel: boolean;
}

export interface Script {
  url: string;
  /** As it was compiled, after loaders. */
  source: string;
}

interface Location {
  scriptId: string;
  lineNumber: number;
  columnNumber: number;
}
interface Remote {
  objectId: string;
  value?: unknown;
}
type Post = <T>(method: string, params?: object) => T;

/** This package's folder, where it has one. */
const ours = isBundled(import.meta.url) ? undefined : new URL('../', import.meta.url).href;

function isOurs(url: string): boolean {
  return ours !== undefined && url.startsWith(ours);
}

/** Script → URL: numbers are never given twice. */
const urls = new Map<string, string>();
const sources = new Map<string, string>();

/**
 * undefined for functions that no script defines (native, bound).
 *
 * @throws SerializeError where there is no inspector
 */
export function inspect(fn: AnyFunction): Inspected | undefined {
  return inSession((post) => {
    const { objectId, frames } = thrown(post, fn);
    const { internalProperties = [] } = post<{ internalProperties?: { name: string; value?: Remote }[] }>(
      'Runtime.getProperties',
      { objectId, ownProperties: true },
    );
    const internal = (name: string) => internalProperties.find((property) => property.name === name)?.value;
    const place = internal('[[FunctionLocation]]')?.value as Location | undefined;
    if (place === undefined) return undefined;
    const scopes = internal('[[Scopes]]');
    const variables = scopes && variablesThatHold(post, objectId, scopes.objectId);
    return {
      ...place,
      variables,
      url: urls.get(place.scriptId),
      callers: [...new Set(frames.map(({ url }) => url))].filter((url) => !isOurs(url)),
      calledAtTopLevel: frames.some(({ scriptId, functionName }) => scriptId === place.scriptId && functionName === ''),
    };
  });
}

/** The script of that number, at whatever cost. */
export function scriptOf(scriptId: string): Script {
  if (!urls.has(scriptId) || !sources.has(scriptId)) {
    inSession((post, session) => {
      session.on('Debugger.scriptParsed', ({ params }: { params: { scriptId: string; url: string } }) => {
        urls.set(params.scriptId, params.url);
      });
      post('Debugger.enable');
      sources.set(scriptId, post<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId }).scriptSource);
      post('Debugger.disable');
    });
  }
  return { url: urls.get(scriptId) ?? '', source: sources.get(scriptId)! };
}

interface Frame {
  scriptId: string;
  url: string;
  functionName: string;
}

/** Lets it be thrown over there, because an error comes with the stack; silently, so that no debugger stops. */
function thrown(post: Post, fn: AnyFunction): { objectId: string; frames: Frame[] } {
  const key = Symbol.for('procloom.inspected');
  const globals = globalThis as Record<symbol, unknown>;
  globals[key] = fn;
  post('Runtime.enable');
  try {
    const { exceptionDetails } = post<{
      exceptionDetails: { exception: Remote; stackTrace?: { callFrames: Frame[] } };
    }>('Runtime.evaluate', { expression: `throw globalThis[Symbol.for('${key.description}')]`, silent: true });
    const frames = exceptionDetails.stackTrace?.callFrames ?? [];
    for (const { scriptId, url } of frames) if (url !== '') urls.set(scriptId, url);
    return { objectId: exceptionDetails.exception.objectId, frames };
  } finally {
    post('Runtime.disable');
    delete globals[key];
  }
}

/** Runs over there, so it uses nothing from here; the list of scopes has no prototype. Getters are not called. */
const search = `function (fn) {
  const module = Array.from(this).find(({ description }) => description === 'Module')?.object;
  if (module === undefined) return undefined;
  const found = [];
  for (const [name, value] of Object.entries(module)) {
    if (value === fn) found.push(name);
    else if (typeof value === 'function') {
      try {
        const own = Object.entries(Object.getOwnPropertyDescriptors(value));
        found.push(...own.filter(([, member]) => member.value === fn).map(([member]) => name + '.' + member));
      } catch {} // a Proxy of a function may refuse
    }
  }
  return found;
}`;

function variablesThatHold(post: Post, objectId: string, scopes: string): string[] | undefined {
  const { result } = post<{ result: { value?: string[] } }>('Runtime.callFunctionOn', {
    objectId: scopes,
    functionDeclaration: search,
    arguments: [{ objectId }],
    returnByValue: true,
    silent: true,
  });
  return result.value;
}

function inSession<T>(ask: (post: Post, session: import('node:inspector').Session) => T): T {
  const session = openSession();
  const post = <R>(method: string, params: object = {}): R => {
    let answer: { error: Error | null; result: R } | undefined;
    session.post(method, params, (error: Error | null, result?: object) => {
      answer = { error, result: result as R };
    });
    // In one process the answer comes before post() returns.
    if (answer === undefined || answer.error !== null) throw answer?.error ?? new Error(`${method} was not answered`);
    return answer.result;
  };
  try {
    return ask(post, session);
  } finally {
    session.disconnect();
  }
}

function openSession(): import('node:inspector').Session {
  try {
    const inspector = process.getBuiltinModule('node:inspector') as typeof import('node:inspector') | undefined;
    const session = new inspector!.Session();
    session.connect();
    return session;
  } catch (cause) {
    throw createError('ERR_PROCLOOM_TARGET', 'finding where a function was defined', {
      why: 'this Node was built or started without the inspector, which is asked for it',
      remedy: "Name the function instead: 'file.js#export' or { module, export }.",
      cause,
    });
  }
}
