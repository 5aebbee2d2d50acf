/** The table as Markdown: what the README shows of a committed result. */
import type { Result } from '../run/result.js';
import { columns, groupsOf, legend } from './rows.js';
import { goalTexts, judgeGoals } from './judgement.js';
import { renderOrigin } from './summary.js';

/** @param shows which cells have a row; the goals are judged on all of them */
export function renderMarkdown(result: Result, shows: (cell: Result['cells'][number]) => boolean = () => true): string {
  const header = ['trial', ...columns];
  const lines = [
    line(header),
    line(header.map((_, i) => (i < 2 ? '---' : '---:'))),
    ...groupsOf({ ...result, cells: result.cells.filter(shows) }).flatMap(({ title, rows }) =>
      rows.map((row, i) => line([i === 0 ? title : '', ...row])),
    ),
  ];
  const goals = judgeGoals(result).map((judgement) => {
    const { wanted, reached } = goalTexts(judgement);
    return line([judgement.goal.text, wanted, reached, judgement.status]);
  });
  return [
    ...lines,
    '',
    legend.map((sentence) => sentence.trim()).join(' '),
    '',
    renderOrigin(result),
    '',
    line(['goal', '', 'measured', '']),
    line(['---', '---:', '---:', '---']),
    ...goals,
    '',
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
