/** The table as Markdown: what the README shows of a committed result. */
import type { Result } from '../run/result.js';
import { columns, groupsOf, legend } from './rows.js';
import { judgeGoals } from './goals.js';
import { renderOrigin } from './summary.js';

export function renderMarkdown(result: Result): string {
  const header = ['trial', ...columns];
  const lines = [
    line(header),
    line(header.map((_, i) => (i < 2 ? '---' : '---:'))),
    ...groupsOf(result).flatMap(({ title, rows }) => rows.map((row, i) => line([i === 0 ? title : '', ...row]))),
  ];
  const goals = judgeGoals(result).map(({ text, atLeast, ratio, status }) =>
    line([text, `${atLeast}×`, ratio === undefined ? '' : `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`, status]),
  );
  return [
    ...lines,
    '',
    legend.map((sentence) => sentence.trim()).join(' '),
    '',
    renderOrigin(result),
    '',
    line(['goal', 'at least', 'measured', '']),
    line(['---', '---:', '---:', '---']),
    ...goals,
    '',
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
