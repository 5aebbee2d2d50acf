/** Names and sizes of files, and the manual that public TypeScript carries. */
import { basename } from 'node:path';

import type { Source } from './sources.js';

const NAMELESS = /^(utils?|helpers?|common|misc|shared|stuff)$/;

/** Files and folders whose name says nothing, or is not kebab-case. */
export function badNames(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path }) =>
    path.split('/').flatMap((part) => {
      const stem = part.replace(/\..*$/, '');
      if (NAMELESS.test(stem)) return [`${path}: '${stem}' does not say what is in it`];
      return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem) ? [] : [`${path}: '${part}' is not kebab-case`];
    }),
  );
}

export const MOST_LINES = 420;

export function tooLong(sources: readonly Source[]): string[] {
  return sources
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path}: ${lines} lines, and ${MOST_LINES} are the most`);
}

/** Files that do not open with a comment on their subject. A .cc file has its subject in the header of its name. */
export function withoutOpening(sources: readonly Source[]): string[] {
  const headers = new Set(sources.map(({ path }) => basename(path)).filter((name) => name.endsWith('.h')));
  return sources
    .filter(({ path }) => !headers.has(basename(path).replace(/\.cc$/, '.h')) || path.endsWith('.h'))
    .filter(({ text }) => !/^(#!.*\n)?(\/\/ \S|\/\*\*?\s)/.test(text))
    .map(({ path }) => `${path}: does not open with a sentence on its subject`);
}

/** What index.ts offers: name → module (relative to lib/). */
export function publicNames(index: Source): Map<string, string> {
  const names = new Map<string, string>();
  for (const [, list, module] of index.text.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([^']+)\.js'/g)) {
    for (const item of list!.split(',')) {
      const name = item
        .trim()
        .replace(/^type /, '')
        .split(' as ')[0]!;
      if (name) names.set(name, `lib/${module}.ts`);
    }
  }
  return names;
}

/** Public names without TSDoc where they are declared. */
export function undocumented(index: Source, sources: readonly Source[]): string[] {
  return [...publicNames(index)].flatMap(([name, path]) => {
    const text = sources.find((source) => source.path === path)?.text;
    if (text === undefined) return [`${name}: ${index.path} takes it from ${path}, which is not there`];
    const declaration = new RegExp(
      `(^|\\n)export (?:declare )?(?:abstract )?(?:async )?(?:class|function\\*?|interface|type|const) ${name}\\b`,
    ).exec(text);
    if (!declaration) return [`${name}: is not declared in ${path}, from which ${basename(index.path)} takes it`];
    return text.slice(0, declaration.index).trimEnd().endsWith('*/') ? [] : [`${name}: has no TSDoc in ${path}`];
  });
}
