/** The table in a terminal, or in a file as plain columns. */
import Table from 'cli-table3';
import type { DriverEntry } from '../drivers/catalogue.js';
import type { Result } from '../run/result.js';
import { columns, groupsOf, legend } from './rows.js';

export function renderTable(result: Result, drivers: readonly DriverEntry[], framed: boolean): string {
  const groups = groupsOf(result, drivers);
  const text = framed ? renderFramed(groups) : renderPlain(groups);
  return `${text}\n${legend.join('\n')}\n`;
}

type Groups = ReturnType<typeof groupsOf>;

function renderFramed(groups: Groups): string {
  const table = new Table({
    head: [...columns],
    colAligns: columns.map((_, i) => (i === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true, 'padding-left': 1, 'padding-right': 1 },
  });
  for (const { title, rows } of groups) {
    table.push([{ content: `${title}:`, colSpan: columns.length, hAlign: 'left' }]);
    for (const row of rows) table.push(row);
  }
  return table.toString();
}

function renderPlain(groups: Groups): string {
  const lines = [[...columns], ...groups.flatMap(({ rows }) => rows)];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const format = (line: readonly string[]): string =>
    line
      .map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  return [format(columns), ...groups.flatMap(({ title, rows }) => ['', title, ...rows.map(format)])].join('\n') + '\n';
}
