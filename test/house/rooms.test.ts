/** Imports look only down, in lib/ and in native/. */
import { describe, expect, test } from 'vitest';

import {
  libImportsUpward,
  nativeIncludesUpward,
  nodeHeadersOutsideBinding,
  systemQuestionsOutsideOs,
} from './rules/rooms.js';
import { sourcesIn } from './rules/sources.js';

const lib = sourcesIn('lib', ['.ts']);
const native = sourcesIn('native', ['.h', '.cc']).filter(({ path }) => !/^native\/(test|bench|fuzz)\//.test(path));

describe('lib/', () => {
  test('imports look only down', () => {
    expect(libImportsUpward(lib)).toEqual([]);
  });

  test.each([
    ['upward', "import { Queue } from '../queue/queue.js';"],
    ['upward, as a type', "import type { Queue } from '../queue/queue.js';"],
    ['upward, re-exported', "export * from '../index.js';"],
    ['upward, at run time', "const { Queue } = await import('../queue/queue.js');"],
    ['of an unknown room', "import { clamp } from '../helpers/clamp.js';"],
    ['outside of lib/', "import { fixture } from '../../test/fixture.js';"],
  ])('an import %s is noticed', (_, text) => {
    expect(libImportsUpward([{ path: 'lib/sync/lock.ts', text }])).toHaveLength(1);
  });

  test('rooms on one floor do not see each other', () => {
    const text = "import { Process } from '../process/process.js';";
    expect(libImportsUpward([{ path: 'lib/thread/thread.ts', text }])).toHaveLength(1);
  });

  test('imports downward, within a room and of packages are fine', () => {
    const text =
      "import { native } from '../addon/loader.js';\nimport { x } from './guard.js';\nimport fs from 'node:fs';";
    expect(libImportsUpward([{ path: 'lib/sync/lock.ts', text }])).toEqual([]);
  });
});

describe('native/', () => {
  test('includes look only down', () => {
    expect(nativeIncludesUpward(native)).toEqual([]);
  });

  test("only the binding knows Node's headers", () => {
    expect(nodeHeadersOutsideBinding(native)).toEqual([]);
  });

  test('only native/os/ asks which system it is', () => {
    expect(systemQuestionsOutsideOs(native)).toEqual([]);
  });

  test('an include upward is noticed, one that is only mentioned is not', () => {
    const files = [
      { path: 'native/os/wait.h', text: '#include "ring/ring.h"\n// #include "sync/lock.h"\n' },
      { path: 'native/ring/ring.h', text: '#include "os/wait.h"\n' },
    ];
    expect(nativeIncludesUpward(files)).toEqual([expect.stringContaining('native/os/wait.h')]);
  });

  test('an include that is not named from native/ is noticed', () => {
    expect(nativeIncludesUpward([{ path: 'native/os/wait.h', text: '#include "../os/clock.h"\n' }])).toHaveLength(1);
  });

  test("Node's headers below the binding are noticed", () => {
    expect(nodeHeadersOutsideBinding([{ path: 'native/ring/ring.cc', text: '#include <napi.h>\n' }])).toHaveLength(1);
    expect(nodeHeadersOutsideBinding([{ path: 'native/binding/ring.cc', text: '#include <napi.h>\n' }])).toEqual([]);
  });

  test('a question about the system above native/os/ is noticed', () => {
    const text = 'int a;\n#if defined(__linux__)\nint b;\n#endif\n';
    expect(systemQuestionsOutsideOs([{ path: 'native/sync/lock.cc', text }])).toEqual([
      'native/sync/lock.cc:2: #if defined(__linux__)',
    ]);
  });
});
