/** The rooms of lib/ and native/, lowest first, and who may look at whom. Rooms on one floor do not see each other. */
import { posix } from 'node:path';

import { withoutComments, type Source } from './sources.js';

export const libFloors: readonly (readonly string[])[] = [
  ['util', 'errors', 'log'],
  ['target'],
  ['addon'],
  ['serialize'],
  ['memory'],
  ['sync', 'handle'],
  ['sharedtypes', 'ring'],
  ['connection'],
  ['queue'],
  ['process', 'thread'],
  ['wait'],
  ['task'],
  ['pool', 'futures'],
  ['manager'],
  ['context'],
  ['index'],
  ['cli'],
];

export const nativeFloors: readonly (readonly string[])[] = [
  ['layout'],
  ['os'],
  ['memory'],
  ['sync'],
  ['ring'],
  ['binding'],
  ['addon'],
];

/** 'lib/sync/lock.ts' → 'sync', 'lib/index.ts' → 'index'. */
const roomOf = (path: string) => path.split('/')[1]!.replace(/\.[a-z.]+$/, '');

function complaint(floors: readonly (readonly string[])[], from: string, to: string): string | undefined {
  const [own, other] = [roomOf(from), roomOf(to)];
  if (own === other) return undefined;
  const floorOf = (room: string) => floors.findIndex((rooms) => rooms.includes(room));
  if (floorOf(own) < 0) return `${from}: '${own}' is no room of the plan`;
  if (floorOf(other) < 0) return `${from}: imports ${to}, and '${other}' is no room of the plan`;
  if (floorOf(other) < floorOf(own)) return undefined;
  return `${from}: imports ${to}, but ${own} stands ${floorOf(other) === floorOf(own) ? 'beside' : 'below'} ${other}`;
}

/** What a TypeScript module imports, statically, dynamically or as a type. */
function importsOf(text: string): string[] {
  const specifier = /\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g;
  return [...withoutComments(text).matchAll(specifier)].map((match) => match[1]!);
}

/** Imports in lib/ that do not look down, or that leave lib/. */
export function libImportsUpward(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => posix.join(posix.dirname(path), specifier))
      .map((target) =>
        target.startsWith('lib/') ? complaint(libFloors, path, target) : `${path}: imports ${target}, outside of lib/`,
      )
      .filter((found) => found !== undefined),
  );
}

const includesOf = (text: string) =>
  [...withoutComments(text).matchAll(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/gm)].map(([, kind, file]) => ({
    own: kind === '"',
    file: file!,
  }));

/** Includes in native/ that do not look down, or that name a file otherwise than from native/. */
export function nativeIncludesUpward(sources: readonly Source[]): string[] {
  const known = new Set(sources.map(({ path }) => path));
  return sources.flatMap(({ path, text }) =>
    includesOf(text)
      .filter(({ own }) => own)
      .map(({ file }) =>
        known.has(`native/${file}`)
          ? complaint(nativeFloors, path, `native/${file}`)
          : `${path}: includes "${file}", which is no file below native/ (name it from there)`,
      )
      .filter((found) => found !== undefined),
  );
}

/** Node's headers outside of native/binding/ and native/addon.cc. */
export function nodeHeadersOutsideBinding(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !path.startsWith('native/binding/') && path !== 'native/addon.cc')
    .flatMap(({ path, text }) =>
      includesOf(text)
        .filter(({ file }) => /^(napi|node_api|js_native_api|node|uv|v8)(-inl|_types)?\.h$/.test(file))
        .map(({ file }) => `${path}: includes <${file}>`),
    );
}

const SYSTEM_MACRO =
  /__(linux|APPLE|FreeBSD|OpenBSD|NetBSD|unix|GLIBC|ANDROID|MINGW\d*|CYGWIN)__|_WIN32|_WIN64|_MSC_VER|PROCLOOM_BODY_POSIX/;

/** The body of waiting is part of what the fingerprint is made of: processes of different bodies must not share. */
const mayAsk = (path: string) => path.startsWith('native/os/') || path === 'native/layout/fingerprint.h';

/** Questions about the system outside of native/os/. */
export function systemQuestionsOutsideOs(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !mayAsk(path))
    .flatMap(({ path, text }) =>
      withoutComments(text)
        .split('\n')
        .flatMap((line, index) =>
          /^\s*#\s*(if|ifdef|ifndef|elif)\b/.test(line) && SYSTEM_MACRO.test(line)
            ? [`${path}:${index + 1}: ${line.trim()}`]
            : [],
        ),
    );
}
