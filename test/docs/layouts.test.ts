// The offsets that docs/internals/layouts.md draws are those that the compiler gives to the structs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { read, root } from '../house/rules/sources.js';

interface Drawn {
  name: string;
  fields: [field: string, offset: number][];
  size: number | undefined;
}

/** The blocks ```layout NAME, whose rows begin with an offset and a field; 'total' is the size. */
function drawnIn(page: string): Drawn[] {
  return [...page.matchAll(/^```layout (\w+)\n([\s\S]*?)^```$/gm)].map(([, name, text]) => {
    const rows = [...text!.matchAll(/^(\d+) +(\w+)/gm)].map(([, offset, field]): [string, number] => [
      field!,
      Number(offset),
    ]);
    return {
      name: name!,
      fields: rows.filter(([field]) => field !== 'total'),
      size: rows.find(([field]) => field === 'total')?.[1],
    };
  });
}

function assertsOf({ name, fields, size }: Drawn): string {
  const type = /(Words|Cell)$/.test(name) ? `${name}<StdAtomics>` : name;
  const asserts = fields.map(
    ([field, offset]) => `static_assert(offsetof(Drawn, ${field}) == ${offset}, "${name}.${field}");`,
  );
  return `namespace of_${name} {
using Drawn = ${type};
${asserts.join('\n')}
static_assert(sizeof(Drawn) == ${size}, "${name}");
}`;
}

/** What the compiler has against them; '' if nothing. */
function complaints(...all: Drawn[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'layouts-'));
  const file = join(folder, 'drawn.cc');
  const text = `#include <cstddef>
#include "layout/fingerprint.h"
using namespace procloom;
${all.map(assertsOf).join('\n')}
`;
  writeFileSync(file, text);
  const options = ['-std=c++20', '-fsyntax-only', '-Wno-invalid-offsetof', `-I${join(root, 'native')}`];
  const compiled = spawnSync(process.env['CXX'] ?? 'c++', [...options, file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  if (compiled.error) throw compiled.error;
  return compiled.status === 0 ? '' : compiled.stderr;
}

const drawn = drawnIn(read('docs/internals/layouts.md'));

test('the page draws layouts', () => {
  expect(drawn.length).toBeGreaterThan(10);
});

test.each(drawn.map((one) => [one.name, one] as const))('%s has fields', (_, one) => {
  expect(one.fields.length).toBeGreaterThan(0);
});

test('they are as drawn', () => {
  expect(complaints(...drawn)).toBe('');
});

describe('noticed is', () => {
  const [good] = drawnIn('```layout CellWords\n0 holders\n8 kind\n12 flights\n16 total\n```\n') as [Drawn];

  test('nothing in what is right', () => {
    expect(complaints(good)).toBe('');
  });

  test('a wrong offset, a wrong size, a field that is not there', () => {
    expect(complaints({ ...good, fields: [['kind', 4]] })).toContain('static assertion');
    expect(complaints({ ...good, size: 24 })).toContain('static assertion');
    expect(complaints({ ...good, fields: [['kinds', 8]] })).toContain('kinds');
  });
});
