/** The open descriptors of this process, and which of them are new. */
import { readdirSync, readlinkSync } from 'node:fs';

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
 * Those that were not open before. The library keeps a few for as long as its process lives, whatever was closed:
 * the private directory, its registry and its doorbell. Event loops are Node's.
 */
export function newDescriptors(before: Map<string, string>, directory: string | undefined): string[] {
  const kept = (target: string) =>
    target.startsWith('anon_inode:') || (directory !== undefined && isKept(target, directory));
  return [...openDescriptors()]
    .filter(([descriptor, target]) => before.get(descriptor) !== target && !kept(target))
    .map(([descriptor, target]) => `${descriptor} → ${target}`);
}

function isKept(target: string, directory: string): boolean {
  if (target === directory) return true;
  if (!target.startsWith(`${directory}/`)) return false;
  return /^(registry|bell)/.test(target.slice(directory.length + 1));
}
