/** The children of a process, as the system sees them: zombies too, for nobody joined them. */
import { readFileSync, readdirSync } from 'node:fs';

export function childrenOf(pid: number): string[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean);
    } catch {
      return []; // the thread ended meanwhile
    }
  });
  return pids.map((child) => `${child} (${commandOf(child)})`);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim() || 'a zombie';
  } catch {
    return 'gone';
  }
}
