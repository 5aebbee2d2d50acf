/**
 * Where a function was defined, asked of the inspector in this process: [[FunctionLocation]] → script → URL and text.
 *
 * The first question takes some milliseconds, because the inspector then tells all scripts; later ones of scripts that
 * it told are quick, and no function is asked about twice.
 */
import { createRequire } from 'node:module';

import { createError } from '../errors/codes.js';

type AnyFunction = (...args: never[]) => unknown;

export interface FunctionLocation {
  /** The URL of the module, as the loader knows it. */
  url: string;
  /** The text of the module as it was compiled (after loaders), and the place in it where the function begins. */
  source: string;
  offset: number;
}

interface Located {
  scriptId: string;
  lineNumber: number;
  columnNumber: number;
}

const known = new WeakMap<AnyFunction, FunctionLocation>();
const urls = new Map<string, string>();
const sources = new Map<string, string>();

/** undefined for functions that no script defines (native, bound). */
export function locateFunction(fn: AnyFunction): FunctionLocation | undefined {
  const before = known.get(fn);
  if (before !== undefined) return before;
  const location = ask(fn);
  if (location !== undefined) known.set(fn, location);
  return location;
}

function ask(fn: AnyFunction): FunctionLocation | undefined {
  const { Session } = openInspector();
  const session = new Session();
  session.connect();
  const key = Symbol.for('procloom.locating');
  const post = <T>(method: string, params: object = {}): T => {
    let answer: { error: Error | null; result: T } | undefined;
    session.post(method, params, (error: Error | null, result?: object) => {
      answer = { error, result: result as T };
    });
    // In one process the answer comes before post() returns.
    if (answer === undefined || answer.error !== null) throw answer?.error ?? new Error(`${method} was not answered`);
    return answer.result;
  };
  try {
    (globalThis as Record<symbol, unknown>)[key] = fn;
    const { result } = post<{ result: { objectId: string } }>('Runtime.evaluate', {
      expression: `globalThis[Symbol.for('procloom.locating')]`,
    });
    const { internalProperties } = post<{
      internalProperties?: { name: string; value?: { value?: Located } }[];
    }>('Runtime.getProperties', { objectId: result.objectId, ownProperties: true });
    const place = internalProperties?.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value;
    if (place === undefined) return undefined;
    if (!urls.has(place.scriptId) || !sources.has(place.scriptId)) {
      session.on('Debugger.scriptParsed', ({ params }: { params: { scriptId: string; url: string } }) => {
        urls.set(params.scriptId, params.url);
      });
      post('Debugger.enable');
      const { scriptSource } = post<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId: place.scriptId });
      sources.set(place.scriptId, scriptSource);
      post('Debugger.disable');
    }
    const source = sources.get(place.scriptId)!;
    return { url: urls.get(place.scriptId) ?? '', source, offset: offsetOf(source, place) };
  } finally {
    delete (globalThis as Record<symbol, unknown>)[key];
    session.disconnect();
  }
}

function openInspector(): typeof import('node:inspector') {
  try {
    return createRequire(import.meta.url)('node:inspector') as typeof import('node:inspector');
  } catch (cause) {
    throw createError('ERR_PROCLOOM_TARGET', 'finding where a function was defined', {
      why: 'this Node was built without the inspector, which is asked for it',
      remedy: "Name the function instead: 'file.js#export' or { module, export }.",
      cause,
    });
  }
}

function offsetOf(source: string, { lineNumber, columnNumber }: Located): number {
  let start = 0;
  for (let line = 0; line < lineNumber; line++) start = source.indexOf('\n', start) + 1;
  return start + columnNumber;
}
