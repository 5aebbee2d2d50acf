/** The open descriptors of this process, and which of them are new. */
import { existsSync, fstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Descriptor → what it is open on ('/a/file', 'socket:[…]', 'anon_inode:[…]'). */
export function openDescriptors(): Map<string, string> {
  const open = new Map<string, string>();
  if (process.platform !== 'linux') return open;
  for (const descriptor of readdirSync('/proc/self/fd')) {
    try {
      open.set(descriptor, readlinkSync(`/proc/self/fd/${descriptor}`));
    } catch {
      // The one that the listing itself had open.
    }
  }
  return open;
}

/**
 * Those that were not open before. The library keeps a few for as long as its process lives, whatever was closed: the
 * private directory, its registry and its doorbells. Event loops are Node's.
 *
 * @param directory the private directory
 * @param alsoKept names of files in it that stay open, too
 */
export function newDescriptors(before: Map<string, string>, directory: string, alsoKept: string[]): string[] {
  const kept = inodesKept(directory, alsoKept);
  return [...openDescriptors()]
    .filter(([descriptor, target]) => before.get(descriptor) !== target)
    .filter(([, target]) => !target.startsWith('anon_inode:') && target !== directory)
    .filter(([descriptor]) => !kept.has(inodeOf(descriptor)))
    .map(([descriptor, target]) => `${descriptor} → ${target}`);
}

/** By inode: a file that was made without a name and named later goes by '#123 (deleted)' for ever. */
function inodesKept(directory: string, alsoKept: string[]): Set<number> {
  if (!existsSync(directory)) return new Set();
  const files = readdirSync(directory).filter((name) => /^(registry|bell-)/.test(name) || alsoKept.includes(name));
  return new Set(files.map((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.ino ?? -1));
}

function inodeOf(descriptor: string): number {
  try {
    return fstatSync(Number(descriptor)).ino;
  } catch {
    return -1; // closed meanwhile
  }
}
