// Targets of programs that are started in different ways. Python's test_multiprocessing_main_handling, in meaning.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runNode } from '../process/program.js';

const target = (name: string) => fileURLToPath(new URL(`../fixtures/target/${name}`, import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** With signs in its path that mean something in URLs. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'procloom # 100% ü?-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'procloom'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function printed(args: string[], cwd = root): Promise<string> {
  // tsx leaves its cache in the folder for temporary files.
  const tsx = { TMPDIR: folder, TSX_TSCONFIG_PATH: target('typescript/tsconfig.json') };
  const { stdout, stderr } = await runNode(args, { cwd, env: { ...process.env, ...tsx } });
  expect(stderr).toBe('');
  return stdout;
}

describe('TypeScript', () => {
  const some = [
    'declared x',
    'run x',
    'sending function notExported to a process: main.ts does not export it.',
    'subclass sub',
  ];
  const all = [...some, 'arrow x', 'default x', 'default x', 'renamed x', 'run x', 'static x true'].sort();
  const main = target('typescript/main.ts');

  test.each<[string, string[], string[]]>([
    ['--import tsx', ['--import', 'tsx', main], all],
    ['--loader', ['--no-warnings', '--loader', pathToFileURL(target('typescript/loader.mjs')).href, main, '2'], some],
    ['--import of what registers a loader', ['--import', target('typescript/register-loader.mjs'), main, '2'], some],
  ])('through %s', async (_name, args, expected) => {
    expect((await printed(args)).trim().split('\n').sort()).toEqual(expected);
  });

  const strips = 'typescript' in process.features && process.features.typescript !== false;
  test.runIf(strips)('through Node itself, where it strips types (22.18, 23.6 and later)', async () => {
    expect((await printed(['--no-warnings', main])).trim().split('\n').sort()).toEqual(all);
  });

  test('in children of a JavaScript program, by their execArgv', async () => {
    expect(await printed([target('typescript/javascript.mjs'), '--import', 'tsx'])).toBe('run x\nended 0\n');
  });

  test.each<[string, string[]]>([
    ['--import tsx', ['--import', 'tsx']],
    ['--require of what teaches only require()', ['--require', 'tsx/cjs']],
  ])('as CommonJS, through %s', async (_name, flags) => {
    const stdout = await printed([...flags, target('commonjs/main.ts')]);
    const lines = ['0,0,0,0', 'default x', 'imported x', 'static x true', 'work x'];
    expect(stdout.trim().split('\n').sort()).toEqual(lines);
  });
});

describe('JavaScript', () => {
  test('a script without an extension', async () => {
    expect(await printed([target('commonjs/extensionless')])).toBe('extensionless false\n');
  });

  test('a folder, whose package.json names the program', async () => {
    expect(await printed([target('commonjs')])).toBe('main of a package\n');
  });

  test('in a folder whose path would be another as a URL', async () => {
    copyFileSync(target('start-work.mjs'), join(folder, 'start-work.mjs'));
    expect(await printed([join(folder, 'start-work.mjs')])).toBe('work\nwork\n');
    expect(await printed(['start-work.mjs'], folder)).toBe('work\nwork\n');
  });

  test('a link to a script', async () => {
    symlinkSync(target('start-work.mjs'), join(folder, 'linked.mjs'));
    expect(await printed([join(folder, 'linked.mjs')])).toBe('work\nwork\n');
  });

  test.each([
    ['esm', 'bundle.mjs'],
    ['cjs', 'bundle.cjs'],
  ] as const)('a bundle (%s)', async (format, name) => {
    const outfile = join(folder, name);
    const entry = join(folder, 'entry.mjs');
    writeFileSync(
      entry,
      `import { isMainProcess, Process } from 'procloom';
      import { hidden } from ${JSON.stringify(target('hidden.mjs'))};
      export { hidden };
      export function work() { console.log('bundled', typeof hidden); }
      if (isMainProcess()) for (const target of [work, hidden]) console.log(new Process({ target }).start().joinSync());`,
    );
    const flags = ['--bundle', '--minify', '--platform=node', '--external:procloom', `--format=${format}`];
    execFileSync(join(root, 'node_modules/.bin/esbuild'), [
      entry,
      ...flags,
      `--outfile=${outfile}`,
      '--log-level=error',
    ]);
    expect(await printed([outfile])).toBe('bundled function\n0\n0\n');
  });
});
