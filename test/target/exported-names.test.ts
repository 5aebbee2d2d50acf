// Which export a place of a module's text is.
import { describe, expect, test } from 'vitest';

import { codeOnly, exportedNames, isDefaultExport } from '../../lib/target/exported-names.js';

test.each<[string, Record<string, string[]>]>([
  ['export function work() {}', { work: ['work'] }],
  ['export async function* work () {}', { work: ['work'] }],
  ['export const work = (a) => a;', { work: ['work'] }],
  ['export let work = function inner() {};', { work: ['work'] }],
  ['export const a = f(1, 2), work = (x) => ({ y: 1 }), b = [x, 2];', { a: ['a'], work: ['work'], b: ['b'] }],
  ['export const a = () => {\nx = 1, y = 2;\n}\nb = 3;', { a: ['a'] }],
  ['export const a = 1,\n  b = 2\nc = 3', { a: ['a'], b: ['b'] }],
  ['export const work: Job = (x) => x, other: (y: number) => void = f;', { work: ['work'], other: ['other'] }],
  ['export const { a, b: c } = o, [d] = p;', { a: ['a'], b: ['b'], c: ['c'], d: ['d'] }],
  ['function r(){}export{r as work,s as default};', { r: ['work'], s: ['default'] }],
  ['const work = () => 1;\nexport { work };', { work: ['work'] }],
  ['export { a, work as other, work as "odd name" };', { a: ['a'], work: ['other', 'odd name'] }],
  ['export { work as default };', { work: ['default'] }],
  ['export default work;', { work: ['default'] }],
  ['export default async function work() {}', { work: ['default'] }],
  ['export default class Jobs {}', { Jobs: ['default'] }],
  ['export abstract class Jobs<T extends { a: 1 }> {}', { Jobs: ['Jobs'] }],
  ['export default function () {}', {}],
  ['export default () => 1', {}],
  ['export const enum E { A }\nexport type T = 1;\nexport interface I {}', {}],
  ['function work() {}', {}],
  ['// export { work }', {}],
  ['/* export { work } */', {}],
  ['const s = "export { work }", t = `export { work }`;', {}],
  ['export { work } from "./other.js";\nexport * as all from "./other.js";', {}],
  ['const o = { export: 1 }; o.export {}', {}],
  ['export const héllo$ = () => 1;', { héllo$: ['héllo$'] }],
  ['const quote = /[`"/]/, other = a / b;\nexport { quote }; // `', { quote: ['quote'] }],
  ['if (/`/.test(x)) y();\nexport function work() {}', { work: ['work'] }],
])('%s', (text, names) => {
  expect(Object.fromEntries(exportedNames(codeOnly(text)))).toEqual(names);
});

test.each<[string, boolean]>([
  ['export default function|() {}', true],
  ['export default async function* work|() {}', true],
  ['export default |() => 1', true],
  ['export default async |() => 1', true],
  ['export default (|() => 1)', true],
  ['1;export default|()=>1', true],
  ['export default |class {}', true],
  ['export default f(|() => 1)', false],
  ['export const work = |() => 1', false],
  ['// export default\n|() => 1', false],
])('whether it is the default: %s', (text, expected) => {
  expect(isDefaultExport(codeOnly(text.replace('|', '')), text.indexOf('|'))).toBe(expected);
});

describe('blanking', () => {
  test('keeps places and lines', () => {
    const text = 'a /* b\n c */ "d\\"e" `f\n${g}` // h\ni';
    expect(codeOnly(text)).toHaveLength(text.length);
    expect(codeOnly(text).split('\n')).toHaveLength(text.split('\n').length);
  });
});
