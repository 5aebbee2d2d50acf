/** The package installs where no install script may run, and its files name no registry. */
import { expect, test } from 'vitest';

import { read } from './rules/sources.js';

const manifest = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>;
  files: string[];
  gypfile: boolean;
  dependencies: Record<string, string>;
};
const lockText = read('package-lock.json');
const lock = JSON.parse(lockText) as {
  packages: Record<string, { resolved?: string; version?: string; dependencies?: Record<string, string> }>;
};

test.each(['preinstall', 'install', 'postinstall', 'prepare', 'prebuild'])("there is no script '%s'", (script) => {
  expect(manifest.scripts).not.toHaveProperty(script);
});

test('npm is told not to compile on install', () => {
  expect(manifest.gypfile).toBe(false);
  expect(manifest.files).not.toContain('binding.gyp');
});

test('the lockfile records no registry', () => {
  const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined);
  expect(resolved.map(([name]) => name)).toEqual([]);
});

test('manifest and lockfile want the same', () => {
  expect(lock.packages['']!.dependencies).toEqual(manifest.dependencies);
});
