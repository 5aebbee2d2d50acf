// Links between pages lead to files, and files that pages name are there.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

import { root, sourcesIn, read } from '../house/rules/sources.js';

const pages = [
  ...sourcesIn('docs', ['.md']),
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'].map((path) => ({ path, text: read(path) })),
];

/** Links of pages that lead nowhere. */
function brokenLinks(page: { path: string; text: string }): string[] {
  return [...page.text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(root, dirname(page.path), target)))
    .map((target) => `${page.path}: ${target}`);
}

/** Source files that pages name in code, from the root or from native/, and that are not there. */
function missingFiles({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/`((?:[a-z-]+\/)+[a-z-]+(?:\.test)?\.(?:ts|mjs|cc|h|gypi))`/g)]
    .map(([, file]) => file!)
    .filter((file) => !['', 'native'].some((folder) => existsSync(join(root, folder, file))))
    .map((file) => `${path}: ${file}`);
}

test('every link leads to a file', () => {
  expect(pages.flatMap(brokenLinks)).toEqual([]);
});

test('every file that is named is there', () => {
  expect(pages.flatMap(missingFiles)).toEqual([]);
});

test('every decision is in the index', () => {
  const index = read('docs/decisions/README.md');
  const decisions = pages.map(({ path }) => relative('docs/decisions', path)).filter((path) => !path.includes('/'));
  expect(decisions.filter((path) => path !== 'README.md' && !index.includes(`(${path})`))).toEqual([]);
  expect(decisions.length).toBeGreaterThan(10);
});

test('a link to nothing, and a file that is not there, are noticed', () => {
  const page = {
    path: 'docs/x.md',
    text: '[a](nowhere.md) [b](errors.md) `lib/no/where.ts` `lib/index.ts` `os/wait.h`',
  };
  expect(brokenLinks(page)).toEqual(['docs/x.md: nowhere.md']);
  expect(missingFiles(page)).toEqual(['docs/x.md: lib/no/where.ts']);
});
