/** The files of the checkout, for the rules of the house. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Source {
  /** Relative to the root, with slashes. */
  path: string;
  text: string;
}

const GENERATED = new Set(['node_modules', 'results', '__pycache__']);

function* pathsBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (GENERATED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* pathsBelow(path);
    else yield path;
  }
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** All files below `folder` whose name ends in one of `endings`. Throws if there is none: a rule must have something to judge. */
export function sourcesIn(folder: string, endings: readonly string[]): Source[] {
  const found = [...pathsBelow(join(root, folder))]
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => relative(root, path).split('\\').join('/'))
    .sort()
    .map((path) => ({ path, text: read(path) }));
  if (found.length === 0) throw new Error(`There is no file in ${folder}/ that ends in ${endings.join(', ')}.`);
  return found;
}

/** Code without its comments, so that what they mention does not count. Line numbers stay. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[\s;{}(),])\/\/[^\n]*/g, '$1');
}
