import { describe, expect, it } from 'vitest';

import { median } from '../../bench/statistics/median.js';
import { percentile } from '../../bench/statistics/percentile.js';
import { Samples } from '../../bench/statistics/samples.js';

describe('median', () => {
  it('is the middle, whatever the order, and leaves its input as it was', () => {
    const values = [9, 1, 5];
    expect(median(values)).toBe(5);
    expect(values).toEqual([9, 1, 5]);
  });

  it('is the mean of the two in the middle of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('sorts by size, not as text', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it('is NaN of nothing', () => {
    expect(median([])).toBeNaN();
  });
});

describe('percentile', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, i) => i + 1);

  it('is the nearest rank', () => {
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile(hundred, 100)).toBe(100);
    expect(percentile(hundred, 0.5)).toBe(1);
  });

  it('is the only sample of one', () => {
    expect(percentile(Float64Array.of(7), 99)).toBe(7);
  });

  it('is NaN of nothing, and refuses what is no percentage', () => {
    expect(percentile(new Float64Array(0), 50)).toBeNaN();
    expect(() => percentile(hundred, 0)).toThrow(RangeError);
    expect(() => percentile(hundred, 101)).toThrow(RangeError);
  });
});

describe('Samples', () => {
  it('keeps every sample of every lap, also beyond its first room', () => {
    const samples = new Samples();
    for (let lap = 0; lap < 5; lap++) samples.add(Float64Array.from({ length: 30_000 }, (_, i) => lap * 30_000 + i));
    expect(samples.length).toBe(150_000);
    const sorted = samples.sorted();
    expect(sorted.length).toBe(150_000);
    expect(sorted[0]).toBe(0);
    expect(sorted[149_999]).toBe(149_999);
    expect(percentile(sorted, 50)).toBe(74_999);
  });
});
