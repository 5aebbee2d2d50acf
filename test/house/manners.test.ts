/** Files are small, named by their subject, and say what it is; what is public carries its manual. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { badNames, MOST_LINES, publicNames, tooLong, undocumented, withoutOpening } from './rules/manners.js';
import { root, sourcesIn, type Source } from './rules/sources.js';

const endings = ['.ts', '.mts', '.mjs', '.js', '.cc', '.h'];
const folders = ['lib', 'native', 'scripts', 'test', 'bench', 'examples'].filter((folder) =>
  existsSync(join(root, folder)),
);
const all = folders.flatMap((folder) => sourcesIn(folder, endings));
const lib = sourcesIn('lib', ['.ts']);
const file = (path: string, text: string): Source => ({ path, text });

test('names of files and folders are kebab-case and say what is in them', () => {
  expect(badNames(all)).toEqual([]);
});

test(`files have ${MOST_LINES} lines at most`, () => {
  expect(tooLong(all)).toEqual([]);
});

test('files of the library open with a sentence on their subject', () => {
  expect(withoutOpening([...lib, ...all.filter(({ path }) => path.startsWith('native/'))])).toEqual([]);
});

test('everything public has TSDoc where it is declared', () => {
  const index = lib.find(({ path }) => path === 'lib/index.ts');
  expect(index, 'lib/index.ts').toBeDefined();
  expect(publicNames(index!).size).toBeGreaterThan(0);
  expect(undocumented(index!, lib)).toEqual([]);
});

describe('the rules notice', () => {
  test.each(['lib/utils.ts', 'lib/helpers/x.ts', 'native/common.h', 'lib/sync/RLock.ts', 'lib/sync/r_lock.ts'])(
    '%s',
    (path) => {
      expect(badNames([file(path, '')])).toHaveLength(1);
    },
  );

  test('a long file', () => {
    expect(tooLong([file('a.ts', 'x\n'.repeat(MOST_LINES))])).toEqual([]);
    expect(tooLong([file('a.ts', 'x\n'.repeat(MOST_LINES + 1))])).toHaveLength(1);
  });

  test('a file without an opening', () => {
    const good = [file('b.ts', '/** B. */\n'), file('native/c.h', '// C.\n'), file('native/linux/c.cc', 'int c;\n')];
    expect(withoutOpening(good)).toEqual([]);
    expect(
      withoutOpening([...good, file('a.ts', 'export const x = 1;\n'), file('native/d.cc', 'int d;\n')]),
    ).toHaveLength(2);
  });

  test('a public name without TSDoc, or without a declaration', () => {
    const index = file('lib/index.ts', "export { A, type B } from './a.js';\nexport { C } from './a.js';\n");
    const source = file('lib/a.ts', '/** A. */\nexport class A {}\n\nexport interface B {}\n');
    expect(undocumented(index, [index, source])).toEqual([
      expect.stringContaining('B: has no TSDoc'),
      expect.stringContaining('C: is not declared'),
    ]);
  });
});
