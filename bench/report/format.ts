/** Figures as people read them. */

/** Stands where nothing was measured. */
export const NOTHING = '—';

/** A count with separated thousands: rates below 100 keep a decimal. */
export function formatCount(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}

export function formatGigabytes(value: number | null): string {
  if (value === null) return '';
  return value < 0.1 ? value.toFixed(4) : value.toFixed(2);
}

/** Nanoseconds, in the unit that suits them. */
export function formatTime(ns: number | null): string {
  if (ns === null) return '';
  if (ns < 1_000) return `${Math.round(ns)} ns`;
  if (ns < 1_000_000) return `${(ns / 1e3).toPrecision(3)} µs`;
  return `${(ns / 1e6).toPrecision(3)} ms`;
}

/** How many times as good, with a sign that says so. */
export function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined) return '';
  return `${ratio >= 99.5 ? Math.round(ratio).toLocaleString('en-US') : ratio >= 9.95 ? ratio.toFixed(0) : ratio >= 0.1 ? ratio.toFixed(1) : ratio.toFixed(2)}×`;
}
