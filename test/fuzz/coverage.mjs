// How much of some modules a piece of work runs through, as the engine counts it: by functions and their blocks.
import { Session } from 'node:inspector/promises';

/** Bytes of the source that were run, and all. Later ranges lie within earlier ones and count for more. */
function ranBytes({ functions }) {
  const size = Math.max(...functions.flatMap(({ ranges }) => ranges.map(({ endOffset }) => endOffset)));
  const ran = new Uint8Array(size);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return { ran: ran.reduce((sum, byte) => sum + byte, 0), size };
}

/**
 * Runs `work` and tells, beside its result, how much of the modules was run whose address contains `part`.
 *
 * @returns {Promise<{ result: unknown, percent: number }>}
 */
export async function coverageOf(part, work) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const result = work();
  const { result: scripts } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const sums = { ran: 0, size: 0 };
  for (const script of scripts.filter(({ url }) => url.includes(part))) {
    const { ran, size } = ranBytes(script);
    sums.ran += ran;
    sums.size += size;
  }
  return { result, percent: sums.size === 0 ? 0 : (100 * sums.ran) / sums.size };
}
