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
  if (ratio < 0.01) return '<0.01×';
  if (ratio < 0.1) return `${ratio.toFixed(2)}×`;
  if (ratio < 9.95) return `${ratio.toFixed(1)}×`;
  return `${Math.round(ratio).toLocaleString('en-US')}×`;
}
