/** A result as a run would leave it, made of rates. */
import { type Cell, medianOf, type Result, RESULT_FORMAT, type Round } from '../../bench/run/result.js';

/** A cell of one round; a rate of null is a runtime that is not there. */
export function cell(trial: string, driver: string, perSecond: number | null, round: Partial<Round> = {}): Cell {
  const full: Round = {
    perSecond: perSecond ?? 0,
    gigabytesPerSecond: null,
    p50Ns: null,
    p99Ns: null,
    messages: 100,
    laps: 1,
    ...round,
  };
  const rounds = perSecond === null ? [] : [full];
  return {
    trial,
    driver,
    status: perSecond === null ? 'absent' : 'measured',
    rounds,
    median: medianOf(rounds),
    errors: [],
  };
}

export function result(...cells: Cell[]): Result {
  return {
    format: RESULT_FORMAT,
    date: '2026-01-02T03:04:05.000Z',
    commit: 'abcdef',
    machine: { cpu: 'Abacus', cores: 2, memoryBytes: 1, platform: 'linux', arch: 'x64', kernel: '6' },
    versions: { procloom: '0', node: '20', v8: '1', uv: '1', python: null },
    settings: { quick: false, rounds: 1, seconds: 1 },
    seconds: 1,
    cells,
  };
}
