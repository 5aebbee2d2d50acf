/** The names on both sides of the seam: X-macros in native/layout/, unions in lib/addon/native.ts. */
import { withoutComments } from './sources.js';

/** The rows `X(NAME, value …)` of one list macro. */
export function rowsOf(header: string, macro: string): Map<string, number> {
  const body = new RegExp(`#define ${macro}\\(X\\)((?:.*\\\\\\n)*.*)`).exec(header)?.[1];
  if (!body) throw new Error(`There is no '#define ${macro}(X)'.`);
  const rows = new Map([...body.matchAll(/X\(\s*(\w+),\s*(-?\d+)/g)].map(([, name, value]) => [name!, Number(value)]));
  if (rows.size === 0) throw new Error(`${macro} has no rows.`);
  return rows;
}

/** The members of `export type NAME = 'A' | 'B'`. */
export function membersOf(source: string, type: string): string[] {
  const body = new RegExp(`export type ${type} =([^;]*);`).exec(withoutComments(source))?.[1];
  if (!body) throw new Error(`There is no 'export type ${type}'.`);
  return [...body.matchAll(/'(\w+)'/g)].map((match) => match[1]!);
}
