// Which export a place of a module's text is.
import { describe, expect, test } from 'vitest';

import { codeOnly, declarationAt, exportedNames } from '../../lib/target/exported-names.js';

/** The names under which the function whose parameters begin at `|` is exported. */
function namesAt(text: string): string[] {
  const offset = text.indexOf('|');
  const code = codeOnly(text.replace('|', ''));
  const { locals, method, isDefault } = declarationAt(code, offset);
  if (isDefault) return ['default'];
  const names = locals.flatMap((local) => exportedNames(code).get(local) ?? []);
  return method === undefined ? names : names.map((name) => `${name}.${method}`);
}

test.each<[string, string[]]>([
  ['export function work|() {}', ['work']],
  ['export async function* work |() {}', ['work']],
  ['export const work = |(a) => a;', ['work']],
  ['export const work = async |a => a;', ['work']],
  ['export let work = function|() {};', ['work']],
  ['export const work = function inner|() {};', ['work']],
  ['export const a = 1, work = |(x) => x, b = 2;', ['work']],
  ['const work = |() => 1;\nexport { work };', ['work']],
  ['const work = |() => 1;\nexport { a, work as other, work as "odd name" };', ['other', 'odd name']],
  ['function work|() {}\nexport { work as default };', ['default']],
  ['function work|() {}\nexport default work;', ['default']],
  ['export default function|() {}', ['default']],
  ['export default async function work|() {}', ['default']],
  ['export default |() => 1', ['default']],
  ['export default async |() => 1', ['default']],
  ['export default (|() => 1)', ['default']],
  ['export class Jobs { a() {} static run|() {} }', ['Jobs.run']],
  ['class Jobs { static async run|() {} }\nexport { Jobs as J };', ['J.run']],
  ['export class A { a() { if (1) { } } }\nexport class B { static run|() {} }', ['B.run']],
  ['function work|() {}', []],
  ['class Jobs { static run|() {} }', []],
  ['function work|() {}\n// export { work }', []],
  ['function work|() {}\n/* export { work } */', []],
  ['function work|() {}\nconst s = "export { work }", t = `export { work }`;', []],
  ['function work|() {}\nexport { work } from "./other.js";', []],
  ['const o = { export: 1 };\nfunction work|() {}', []],
  ['export const héllo$ = |() => 1;', ['héllo$']],
])('%s', (text, names) => {
  expect(namesAt(text)).toEqual(names);
});

describe('blanking', () => {
  test('keeps places and lines', () => {
    const text = 'a /* b\n c */ "d\\"e" `f\n${g}` // h\ni';
    expect(codeOnly(text)).toHaveLength(text.length);
    expect(codeOnly(text).split('\n')).toHaveLength(text.split('\n').length);
  });
});
