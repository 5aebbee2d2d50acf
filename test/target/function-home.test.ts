// Where functions are found, in programs of their own: the runner evaluates modules in a way that is no program's.
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { runNode } from '../process/program.js';

const target = (name: string) => fileURLToPath(new URL(`../fixtures/target/${name}`, import.meta.url));

test('each function is found where it is exported, and none is taken for its twin', async () => {
  const { stdout, stderr } = await runNode([target('lookup.mjs')]);
  expect(stderr).toBe('');
  const found = new Map(stdout.trim().split('\n').map((line) => line.split(/: ([^]*)/) as [string, string])); // prettier-ignore
  const refused: string[] = [];
  for (const [name, text] of found) if (text.startsWith('ERR_PROCLOOM_TARGET')) refused.push(name);
  expect(refused).toEqual([
    'current', 'a twin in text', 'another module’s twin', 'local', 'method', 'before', 'bound', 'native', 'proxy',
    'evaluated', 'evaluated with a name', 'of a virtual machine',
  ]); // prettier-ignore
  expect(found.get('local')).toMatch(/lookup\.mjs does not export it\. .*: export the function, name it as 'file\.js/);
  expect(found.get('another module’s twin')).toMatch(/copied\.mjs does not export it/);
  expect(found.get('bound')).toMatch(/native or bound/);
  expect(found.get('evaluated')).toMatch(/defined in evaluated text, which is no module/);
  for (const name of refused) found.delete(name);
  expect(Object.fromEntries(found)).toEqual({
    work: 'lookup.mjs#work',
    listed: 'lookup.mjs#listed',
    second: 'lookup.mjs#second',
    renamed: 'lookup.mjs#other',
    Main: 'lookup.mjs#default',
    run: 'lookup.mjs#default.run',
    pattern: 'lookup.mjs#pattern',
    replaced: 'lookup.mjs#replaced',
    again: 'hidden.mjs#shown',
    reExported: 'hidden.mjs#hidden',
    slow: 'waits.mjs#slow',
    anonymous: 'waits.mjs#default',
    copied: 'copied.mjs#copied',
    otherCopy: 'copied.mjs?other#copied',
    cjs: 'functions.cjs#work',
    cjsRenamed: 'functions.cjs#other',
    cjsRun: 'functions.cjs#Jobs.run',
    compiled: 'compiled.cjs#work',
    compiledDefault: 'compiled.cjs#default',
    lazy: 'lazy.cjs#work',
    Whole: 'whole.cjs#default',
    wholeRun: 'whole.cjs#default.run',
  });
});

test('the debugger’s part of the inspector is not asked where it need not be; a debugger notices nothing', async () => {
  const { stdout, stderr } = await runNode([target('quick.mjs')]);
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual([
    'first Runtime',
    'again nothing',
    'imported Runtime',
    'CommonJS Runtime',
    'a whole module Runtime',
    'work shown',
    'enabled still true',
    'left behind false',
  ]);
});

test('in a worker thread', async () => {
  expect((await runNode([target('in-worker.mjs')])).stdout).toBe('true work\n');
});

test('without the inspector a function is refused with the remedy, which works', async () => {
  const { stdout, stderr } = await runNode(['--require', target('without-inspector.cjs'), target('start-work.mjs')]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^SerializeError ERR_PROCLOOM_TARGET finding .* without the inspector, .* Name the function/);
  expect(stdout).toMatch(/ERR_INSPECTOR_NOT_AVAILABLE\nwork\n$/);
});

test.each(['module', 'commonjs'])('a function given to --eval (%s) is no module’s', async (type) => {
  const imports = 'const { Process } = await import("procloom");';
  const text = `${imports} function work() {} ; ${type === 'module' ? 'export { work }; ' : ''}`;
  const body = `${text} try { new Process({ target: work }).start() } catch (error) { console.log(error.message) }`;
  const program = type === 'module' ? body : `(async () => { ${body} })()`;
  const { stdout, stderr } = await runNode([`--input-type=${type}`, '--eval', program], { cwd: target('') });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/it was defined in .*\[eval1?\], which is no module/);
});
