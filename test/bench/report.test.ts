import { describe, expect, it } from 'vitest';

import { drivers } from '../../bench/drivers/catalogue.js';
import { formatCount, formatRatio, formatTime } from '../../bench/report/format.js';
import { goals } from '../../bench/report/goals.js';
import { judgeGoals, renderGoals } from '../../bench/report/judgement.js';
import { renderMarkdown } from '../../bench/report/markdown.js';
import { compare, compareWithBest } from '../../bench/report/ratio.js';
import { columns, groupsOf } from '../../bench/report/rows.js';
import { renderTable } from '../../bench/report/table.js';
import { planCells } from '../../bench/run/plan.js';
import { medianOf } from '../../bench/run/result.js';
import { trials } from '../../bench/trials/catalogue.js';
import { cell, result } from './result.js';

const run = result(
  cell('bytes-64', 'procloom-pipe', 6_000_000, { gigabytesPerSecond: 0.384 }),
  cell('bytes-64', 'child-process-advanced', 50_000),
  cell('bytes-64', 'worker-threads', 200_000),
  cell('bytes-64', 'worker-transfer', 100_000),
  cell('bytes-64', 'python-pipe', null),
  cell('round-trip', 'procloom-pipe', 1_000_000, { p50Ns: 1_000, p99Ns: 2_000 }),
  cell('round-trip', 'worker-threads', 40_000, { p50Ns: 15_000, p99Ns: 90_000 }),
);

describe('ratios', () => {
  it('are of rates, and of median times where there are some: more is better', () => {
    expect(compare(run, 'bytes-64', 'procloom-pipe', 'child-process-advanced')).toBe(120);
    expect(compare(run, 'round-trip', 'procloom-pipe', 'worker-threads')).toBe(15);
    expect(compare(run, 'round-trip', 'worker-threads', 'procloom-pipe')).toBeCloseTo(1 / 15);
  });

  it('are to the best of several', () => {
    expect(compareWithBest(run, 'bytes-64', 'procloom-pipe', ['worker-transfer', 'worker-threads'])).toBe(30);
  });

  it('are undefined where one was not measured', () => {
    expect(compare(run, 'bytes-64', 'procloom-pipe', 'python-pipe')).toBeUndefined();
    expect(compare(run, 'bytes-64', 'procloom-pipe', 'nobody')).toBeUndefined();
  });
});

describe('goals', () => {
  const outcome = (text: RegExp, of = run) => judgeGoals(of).find(({ goal }) => text.test(goal.text));

  it('are met, missed or not measured, with the figure', () => {
    expect(outcome(/64 B one way, to child_process/)).toMatchObject({ status: 'met', measured: 120 });
    expect(outcome(/there and back, p50, to worker_threads/)).toMatchObject({ status: 'missed', measured: 15 });
    expect(outcome(/64 B one way, to Python/)).toMatchObject({ status: 'not measured', measured: undefined });
  });

  it.each([
    [10_000, 12_000, 'met', 1.2],
    [10_000, 12_001, 'missed', 1.2001],
  ])('can be an upper bound: %i and %i ns are %s', (base, p50Ns, status, measured) => {
    const woken = result(
      cell('wake-thread', 'raw-futex', 1, { p50Ns: base }),
      cell('wake-thread', 'procloom-event', 1, { p50Ns }),
    );
    expect(outcome(/a thread runs, p50/, woken)).toMatchObject({ status, measured });
  });

  it('can be between trials: of bytes by these, of all else by the rate', () => {
    const trials = result(
      cell('bytes-1m', 'procloom-in-place', 8_000, { gigabytesPerSecond: 8 }),
      cell('bytes-64m', 'procloom-in-place', 100, { gigabytesPerSecond: 6.5 }),
      cell('small-object', 'procloom-queue', 1_000_000),
      cell('small-object-4to1', 'procloom-queue', 700_000),
    );
    expect(outcome(/64 MiB in place/, trials)).toMatchObject({ status: 'missed', measured: 0.8125 });
    expect(outcome(/from four producers/, trials)).toMatchObject({ status: 'met', measured: 0.7 });
    expect(outcome(/64 MiB in place/)).toMatchObject({ status: 'not measured', measured: undefined });
  });

  it.each([
    [5e6, 'met', '5.00 ms'],
    [5.01e6, 'missed', '5.01 ms'],
  ])('can be a time: %i ns are %s', (p99Ns, status, text) => {
    const killed = result(cell('death-loop', 'procloom-death', 1, { p50Ns: 1, p99Ns }));
    expect(outcome(/event loop runs, p99/, killed)).toMatchObject({ status, measured: p99Ns });
    expect(renderGoals(killed)).toContain(`goal ≤ 5.00 ms, measured ${text}`);
    expect(renderMarkdown(killed)).toContain(`| ≤ 5.00 ms | ${text} | ${status} |`);
  });

  it('are all printed, the missed ones too', () => {
    const text = renderGoals(run);
    expect(text.trimEnd().split('\n')).toHaveLength(goals.length + 1);
    expect(text).toMatch(/missed .*there and back, p50, to worker.* goal ≥ 20×, measured 15\.0×/);
  });

  it('speak of cells that there are', () => {
    const planned = planCells(trials, drivers).map((one) => [one.trial.name, one.driver.name]);
    for (const goal of goals) {
      const { trial, driver } = goal;
      const theirs = 'base' in goal ? [goal.baseTrial ?? trial, goal.base] : [trial, driver];
      for (const ours of [[trial, driver], theirs]) expect(planned, goal.text).toContainEqual(ours);
    }
  });
});

describe('the table', () => {
  it('has a row for each cell and a field for each column', () => {
    const groups = groupsOf(run);
    expect(groups.map(({ title, rows }) => [title, rows.length])).toEqual([
      ['64 B one way', 5],
      ['64 B there and back', 2],
    ]);
    for (const { rows } of groups) for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  it('shows — for what is not there, and says what failed', () => {
    const failed = result(
      { ...cell('bytes-64', 'unix-socket', null), status: 'failed', errors: ['broken'] },
      cell('bytes-64', 'python-pipe', null),
    );
    expect(renderTable(failed, drivers, false)).toMatch(/unix-domain socket +FAILED/);
    expect(renderTable(failed, drivers, false)).toMatch(/Python Pipe +—/);
  });

  it('keeps what is slower than the others', () => {
    expect(renderTable(run, drivers, false)).toMatch(/worker_threads, transfer +100,000/);
    expect(renderTable(run, drivers, true)).toContain('120×');
  });

  it('is Markdown for the README, with where it was made and with the goals', () => {
    const text = renderMarkdown(run);
    expect(text).toContain('| 64 B one way | procloom Pipe | 6,000,000 | 0.38 |');
    expect(text).toContain('Abacus, 2 cores');
    expect(text).toMatch(/\| ≥ 20× \| 15\.0× \| missed \|/);
    const widths = new Set(
      text
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.split('|').length),
    );
    expect(widths).toEqual(new Set([columns.length + 3, 6]));
  });
});

it('medians are taken of each figure over the rounds', () => {
  const rounds = [3, 1, 2].map((x) => ({
    perSecond: x,
    gigabytesPerSecond: null,
    p50Ns: 10 * x,
    p99Ns: null,
    messages: 1,
    laps: 1,
  }));
  expect(medianOf(rounds)).toEqual({ perSecond: 2, gigabytesPerSecond: null, p50Ns: 20, p99Ns: null });
  expect(medianOf([])).toBeNull();
});

it('figures are readable', () => {
  expect([3.04, 99.96, 1234.5, 13_600_000].map(formatCount)).toEqual(['3.0', '100.0', '1,235', '13,600,000']);
  expect([512, 1_500, 22_000, 3_400_000, null].map(formatTime)).toEqual([
    '512 ns',
    '1.50 µs',
    '22.0 µs',
    '3.40 ms',
    '',
  ]);
  expect([0.004, 0.04, 0.5, 9.94, 12.4, 1250, undefined].map(formatRatio)).toEqual([
    '<0.01×',
    '0.04×',
    '0.5×',
    '9.9×',
    '12×',
    '1,250×',
    '',
  ]);
});
