// Programs that the README and the guide show run as they stand there, and print what stands below them.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { read, root } from '../house/rules/sources.js';
import { runFile } from './run-file.js';

interface Shown {
  program: string;
  prints: string;
}

/** Each block of JavaScript is a whole program; the block of text after it is its output. */
function shownIn(page: string): Shown[] {
  const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language, text }));
  return blocks.flatMap(({ language, text }, i) => {
    if (language !== 'js') return [];
    const after = blocks[i + 1];
    if (after?.language !== 'text') throw new Error(`Nothing tells what this program prints:\n${text}`);
    return [{ program: text!, prints: after.text! }];
  });
}

// Below the checkout, where 'procloom' is this package.
mkdirSync(join(root, 'dist-examples'), { recursive: true });
const folder = mkdtempSync(join(root, 'dist-examples', 'docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const chapters = readdirSync(join(root, 'docs/guide')).map((name) => `docs/guide/${name}`);

describe.each(['README.md', ...chapters])('%s', (path) => {
  const shown = shownIn(read(path));

  test('shows a program', () => {
    expect(shown.length).toBeGreaterThan(0);
  });

  test.each(shown.map((one, i) => [i + 1, one] as const))('program %i', async (i, { program, prints }) => {
    const file = join(folder, `${path.replace(/\W/g, '-')}-${i}.mjs`);
    writeFileSync(file, program);
    expect(await runFile(file)).toEqual({ code: 0, signal: null, stdout: prints, stderr: '' });
  });
});

test('a program without its output is noticed', () => {
  expect(() => shownIn('```js\n1;\n```\n')).toThrow('prints');
  expect(shownIn('```js\n1;\n```\n\n```text\nx\n```\n')).toEqual([{ program: '1;\n', prints: 'x\n' }]);
});
