/**
 * The nearest-rank percentile: the smallest sample that at least `percent` of all samples do not exceed. Takes sorted
 * samples; NaN of nothing.
 */
export function percentile(sorted: Float64Array, percent: number): number {
  if (!(percent > 0 && percent <= 100))
    throw new RangeError(`a percentile is more than 0 and at most 100, not ${percent}`);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? NaN;
}
