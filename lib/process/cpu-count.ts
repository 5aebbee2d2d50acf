/** How many processors this process may use. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * The number of processors that this process may keep busy: those it is bound to (taskset, cpuset), or fewer where its
 * control group has a smaller quota (docker run --cpus); at least 1. Python's counts the machine's.
 */
export function cpuCount(): number {
  return Math.max(1, Math.min(availableParallelism(), quota()));
}

function quota(): number {
  try {
    const [limit, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').trim().split(' ');
    return limit === 'max' ? Infinity : Math.ceil(Number(limit) / Number(period)) || Infinity;
  } catch {
    return Infinity; // no control groups here, or no quota
  }
}
