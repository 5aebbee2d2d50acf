/** How two drivers compare in one trial of one run: more than 1 is better, whatever is measured. */
import type { Cell, Figures, Result } from '../run/result.js';

export function findCell(result: Result, trial: string, driver: string): Cell | undefined {
  return result.cells.find((cell) => cell.trial === trial && cell.driver === driver);
}

/** Round trips and wakes are compared by their median time, all else by its rate. */
export function ratioOf(figures: Figures, base: Figures): number {
  if (figures.p50Ns !== null && base.p50Ns !== null) return base.p50Ns / figures.p50Ns;
  return figures.perSecond / base.perSecond;
}

/** undefined where one of the two was not measured. */
export function compare(result: Result, trial: string, driver: string, base: string): number | undefined {
  const figures = findCell(result, trial, driver)?.median;
  const baseFigures = findCell(result, trial, base)?.median;
  return figures && baseFigures ? ratioOf(figures, baseFigures) : undefined;
}

/** The same between two trials: where both have bytes, whose messages may have different sizes, by these. */
export function compareTrials(
  result: Result,
  [trial, driver]: readonly [trial: string, driver: string],
  [baseTrial, base]: readonly [trial: string, driver: string],
): number | undefined {
  const figures = findCell(result, trial, driver)?.median;
  const baseFigures = findCell(result, baseTrial, base)?.median;
  if (!figures || !baseFigures) return undefined;
  const { gigabytesPerSecond } = figures;
  if (gigabytesPerSecond !== null && baseFigures.gigabytesPerSecond !== null) {
    return gigabytesPerSecond / baseFigures.gigabytesPerSecond;
  }
  return ratioOf(figures, baseFigures);
}

/** The ratio to the best of some drivers. */
export function compareWithBest(
  result: Result,
  trial: string,
  driver: string,
  bases: readonly string[],
): number | undefined {
  const ratios = bases.map((base) => compare(result, trial, driver, base)).filter((ratio) => ratio !== undefined);
  return ratios.length === 0 ? undefined : Math.min(...ratios);
}
