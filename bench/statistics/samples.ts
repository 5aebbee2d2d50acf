import { percentile } from './percentile.js';

/** All round trips of a cell, lap by lap. Kept whole: a percentile of a thinned-out sample is an opinion. */
export class Samples {
  private values = new Float64Array(1 << 16);
  private count = 0;

  add(lap: Float64Array): void {
    if (this.count + lap.length > this.values.length) {
      const larger = new Float64Array(Math.max(this.values.length * 2, this.count + lap.length));
      larger.set(this.values.subarray(0, this.count));
      this.values = larger;
    }
    this.values.set(lap, this.count);
    this.count += lap.length;
  }

  get length(): number {
    return this.count;
  }

  /** As a measurement has them. */
  percentiles(): { p50Ns: number; p99Ns: number } {
    const sorted = this.sorted();
    return { p50Ns: percentile(sorted, 50), p99Ns: percentile(sorted, 99) };
  }

  sorted(): Float64Array {
    return this.values.slice(0, this.count).sort();
  }
}
