/** A tiny run of everything: every driver moves and verifies real data between real processes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

import { drivers } from '../../bench/drivers/catalogue.js';
import { renderMarkdown } from '../../bench/report/markdown.js';
import { readResult } from '../../bench/report/read-result.js';
import { planCells } from '../../bench/run/plan.js';
import { trials } from '../../bench/trials/catalogue.js';
import { runBench } from './run-bench.js';

const folder = mkdtempSync(join(tmpdir(), 'procloom-run-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Those are no other job than a smaller sister's.
const sisters = [
  ...['bytes-1k', 'bytes-64k', 'bytes-1m', 'bytes-64m', 'objects', 'increment', 'round-trip-parked'],
  ...['start-call', 'start-line'],
];
const chosen = trials.filter(({ name }) => !sisters.includes(name));

it('all drivers, each job', { timeout: 300_000 }, async () => {
  const json = join(folder, 'result.json');
  const names = chosen.map(({ name }) => name).join(',');
  const { code, stdout, stderr } = await runBench(
    '--trials',
    names,
    '--rounds',
    '1',
    '--seconds',
    '0.02',
    '--json',
    json,
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);

  const result = readResult(json);
  expect(result.cells.map(({ trial, driver }) => [trial, driver])).toEqual(
    planCells(chosen, drivers).map(({ trial, driver }) => [trial.name, driver.name]),
  );
  for (const cell of result.cells) {
    if (cell.status === 'absent') {
      expect(cell.driver).toMatch(/^python-/);
      continue;
    }
    expect(cell, `${cell.trial}, ${cell.driver}`).toMatchObject({ status: 'measured', errors: [] });
    expect(cell.median?.perSecond).toBeGreaterThan(0);
    expect(cell.median?.perSecond).toBeLessThan(1e9);
    if (/round-trip|wake|death/.test(cell.trial))
      expect(cell.median?.p50Ns).toBeLessThanOrEqual(cell.median?.p99Ns ?? 0);
  }
  expect(result.machine.cores).toBeGreaterThan(0);
  expect(result.versions.node).toBe(process.versions.node);

  expect(stdout).toContain('Goals (compared within this run)');
  expect(stdout).toMatch(/\d+ cells measured, every checksum of theirs right; 0 failed/);
  expect(renderMarkdown(result)).toContain('| trial | driver |');
});

it('messages of 64 MiB', { timeout: 300_000 }, async () => {
  const json = join(folder, 'large.json');
  const args = ['--trials', 'bytes-64m', '--rounds', '1', '--seconds', '0.02'];
  const { code, stderr } = await runBench(...args, '--json', json);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const { cells } = readResult(json);
  expect(cells.length).toBeGreaterThan(4);
  for (const { status, driver } of cells)
    expect(status, driver).toMatch(driver.startsWith('python-') ? /./ : /measured/);
});

it('no round is begun that would not end in time', async () => {
  const json = join(folder, 'within.json');
  const args = ['--trials', 'bytes-1k', '--drivers', 'worker-threads', '--seconds', '0.02', '--rounds', '50'];
  const { code } = await runBench(...args, '--within', '0.001', '--json', json);
  expect(code).toBe(0);
  const result = readResult(json);
  expect(result.settings.rounds).toBe(1);
  expect(result.cells[0].rounds).toHaveLength(1);
});

it('a machine without python3 shows — and is no error', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  try {
    const { code, stdout } = await runBench('--trials', 'lock', '--drivers', 'python-lock', '--rounds', '1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Python Lock, Value +—/);
  } finally {
    process.env['PATH'] = path;
  }
});
