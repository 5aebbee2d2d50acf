/** Nanoseconds on CLOCK_MONOTONIC: comparable between processes, threads and Python's time.monotonic_ns(). */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}
