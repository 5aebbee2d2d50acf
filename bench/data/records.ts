/**
 * The objects that the benchmark moves: the records of the `packages` in the project's own package-lock.json, whole
 * or cut down to a small object.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './root.js';

/** The shape of small things that travel: a number, a string, a short list, a fraction. */
export interface SmallObject {
  id: number;
  name: string;
  tags: [string, string];
  x: number;
}

/** Which objects a trial moves. */
export type RecordKind = 'packages' | 'small';

interface PackageRecord {
  version?: string;
  license?: string;
}

/** The records, in the order of the file. */
export function readRecords(kind: RecordKind, path: string = join(projectRoot, 'package-lock.json')): object[] {
  const packages = JSON.parse(readFileSync(path, 'utf8')).packages as Record<string, PackageRecord> | undefined;
  const entries = Object.entries(packages ?? {});
  if (entries.length === 0) throw new Error(`'${path}' has no "packages": run npm install to write it`);
  return kind === 'packages' ? entries.map(([, record]) => record) : entries.map(smallObject);
}

function smallObject([name, record]: [string, PackageRecord], id: number): SmallObject {
  return { id, name, tags: [record.version ?? '', record.license ?? ''], x: Math.sqrt(id + 0.5) };
}

/** Objects that one lap has at most: the receiver keeps them until it has verified them. */
export const OBJECTS_LAP_LIMIT = 16_384;

/** The objects of a lap, ready to be sent. */
export function lapOfRecords(records: readonly object[], first: number, count: number): object[] {
  return Array.from({ length: count }, (_, i) => records[(first + i) % records.length]);
}
