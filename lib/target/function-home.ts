/**
 * The module that defines a function, and the name under which it exports it.
 *
 * Nothing is taken for the function that is not the very same one. Of modules that are evaluated the exports are compared.
 * One that is being evaluated (the main module that starts its first process) cannot be asked for them: there the
 * variables of the module are compared, and its text tells under which names they are exported.
 *
 * Which module it is, is found out in the cheapest way that is certain: it is on the stack; or it is one that those on
 * the stack import, exports the function and has its text at that place (so that it is no mere registry, whose exports
 * change); or else the inspector tells all scripts.
 */
import { fileURLToPath } from 'node:url';

import { shown } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import type { SerializeError } from '../errors/errors.js';
import { codeOnly, exportedNames, isDefaultExport } from './exported-names.js';
import { sourceOf } from './inline.js';
import { type AnyFunction, inspect, type Inspected, scriptOf } from './inspection.js';
import { commonJsModuleOf, exportThatIs, importedFiles, loadedModule, textOf } from './loaded-modules.js';
import { isPacked, packedMain, packedMainUrl } from './packed-main.js';

export interface Home {
  module: string;
  export: string;
}

/** @throws SerializeError for a function that cannot be found again */
export function homeOf(fn: AnyFunction): Home {
  const packed = packedHome(fn);
  if (packed !== undefined) return packed;
  const place = inspect(fn);
  if (place === undefined) throw notFound(fn, 'it is native or bound, so no module defines it');
  return (
    (place.url === undefined ? amongImports(fn, place) : quickHome(fn, place.url, place)) ?? certainHome(fn, place)
  );
}

/** In the main module of a packed program, which is no file and so has no text to be compared. */
function packedHome(fn: AnyFunction): Home | undefined {
  const main = packedMain();
  const name = main && exportThatIs(fn, { exports: main.exports, isCommonJs: true });
  return name === undefined ? undefined : { module: packedMainUrl(), export: name };
}

/** Of a module that is known: by what it exports, or its text as it stands on the disk. */
function quickHome(fn: AnyFunction, url: string, place: Inspected): Home | undefined {
  if (!isModule(url)) return undefined;
  // To ask in vain for the exports of one that is being evaluated takes a quarter of the whole search.
  const isEvaluated = place.variables === undefined || !place.calledAtTopLevel;
  const loaded = isEvaluated ? loadedModule(url) : undefined;
  const name = loaded === undefined ? nameInText(fn, textOf(url) ?? '', place) : exportThatIs(fn, loaded);
  return name === undefined ? undefined : { module: url, export: name };
}

function amongImports(fn: AnyFunction, place: Inspected): Home | undefined {
  const isDefinedIn = (text: string) => offsetIn(text, fn, place) !== undefined;
  const commonJs = commonJsModuleOf(fn, isDefinedIn);
  if (commonJs !== undefined) return quickHome(fn, commonJs, place);
  for (const { url, text } of importedFiles(place.callers)) {
    const loaded = isDefinedIn(text) ? loadedModule(url) : undefined;
    const name = loaded && exportThatIs(fn, loaded);
    if (name !== undefined) return { module: url, export: name };
  }
  return undefined;
}

function certainHome(fn: AnyFunction, place: Inspected): Home {
  const { url, source } = scriptOf(place.scriptId);
  if (isPacked() && !url.startsWith('file:')) throw notFound(fn, 'the main module of this program does not export it');
  if (!isModule(url)) {
    throw notFound(fn, `it was defined in ${url === '' ? 'evaluated text' : url}, which is no module`);
  }
  const loaded = loadedModule(url);
  const name = loaded === undefined ? nameInText(fn, source, place) : exportThatIs(fn, loaded);
  if (name === undefined) throw notFound(fn, `${placeText(url)} does not export it`);
  return { module: url, export: name };
}

/** Of an ES module that cannot be asked for its exports. */
function nameInText(fn: AnyFunction, text: string, place: Inspected): string | undefined {
  if (place.variables === undefined) return undefined;
  const code = codeOnly(text);
  const names = exportedNames(code);
  for (const variable of place.variables) {
    const [local, method] = variable.split(/\.([^]*)/);
    const name = names.get(local!)?.[0];
    if (name !== undefined) return method === undefined ? name : `${name}.${method}`;
  }
  // An anonymous default has no variable that could be compared, but of such a place there is one function only.
  const offset = offsetIn(text, fn, place);
  return offset !== undefined && isDefaultExport(code, offset) ? 'default' : undefined;
}

/** Where it begins to say what it is (a class, or the parameters), if the text has it at its place. */
function offsetIn(text: string, fn: AnyFunction, { lineNumber, columnNumber }: Inspected): number | undefined {
  let start = 0;
  for (let line = 0; line < lineNumber; line++) {
    start = text.indexOf('\n', start) + 1;
    if (start === 0) return undefined;
  }
  const offset = start + columnNumber;
  const source = sourceOf(fn);
  const begin = text.lastIndexOf(source, offset);
  return begin >= 0 && offset < begin + source.length ? offset : undefined;
}

/** What is given to --eval or standard input looks like a file, but nobody else can import it. */
function isModule(url: string): boolean {
  return url.startsWith('data:') || (url.startsWith('file:') && !/\/\[(?:eval\d*|stdin)\]$/.test(url));
}

function notFound(fn: AnyFunction, why: string): SerializeError {
  return createError('ERR_PROCLOOM_TARGET', `sending ${shown(fn)} to a process`, {
    why,
    remedy:
      'A child imports the module and calls the export: export the function, name it as ' +
      "'file.js#export' or { module, export }, or send its source with inline(fn) if it uses nothing around it." +
      (isPacked() ? ' A program that is packed without procloom in it calls freezeSupport(module).' : ''),
    path: 'target',
  });
}

function placeText(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url.slice(0, 80);
}
