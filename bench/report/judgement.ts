/** Whether a run reached the goals: met, missed or not measured, with the figure; for terminals and for Markdown. */
import type { Result } from '../run/result.js';
import { formatTime } from './format.js';
import { goals, type Goal } from './goals.js';
import { compareTrials, findCell } from './ratio.js';

export interface Judgement {
  readonly goal: Goal;
  /** As a ratio or in nanoseconds, whatever the goal is; undefined where it was not measured. */
  readonly measured: number | undefined;
  readonly status: 'met' | 'missed' | 'not measured';
}

export function judgeGoals(result: Result): Judgement[] {
  return goals.map((goal) => {
    const measured = measure(result, goal);
    return {
      goal,
      measured,
      status: measured === undefined ? 'not measured' : isMet(goal, measured) ? 'met' : 'missed',
    };
  });
}

function measure(result: Result, goal: Goal): number | undefined {
  const { trial, driver } = goal;
  if ('p99Within' in goal) return findCell(result, trial, driver)?.median?.p99Ns ?? undefined;
  const ours = [trial, driver] as const;
  const theirs = [goal.baseTrial ?? trial, goal.base] as const;
  return 'atLeast' in goal ? compareTrials(result, ours, theirs) : compareTrials(result, theirs, ours);
}

function isMet(goal: Goal, measured: number): boolean {
  if ('p99Within' in goal) return measured <= goal.p99Within;
  return 'atLeast' in goal ? measured >= goal.atLeast : measured <= goal.atMost;
}

/** What is to be reached, and what was: '≥ 2×' and '2.52×'. */
export function goalTexts({ goal, measured }: Judgement): { wanted: string; reached: string } {
  if ('p99Within' in goal) return { wanted: `≤ ${formatTime(goal.p99Within)}`, reached: formatTime(measured ?? null) };
  return {
    wanted: 'atLeast' in goal ? `≥ ${goal.atLeast}×` : `≤ ${goal.atMost}×`,
    reached: measured === undefined ? '' : `${measured.toFixed(measured < 10 ? 2 : 1)}×`,
  };
}

export function renderGoals(result: Result): string {
  const judgements = judgeGoals(result);
  const width = Math.max(...judgements.map(({ goal }) => goal.text.length));
  const lines = judgements.map((judgement) => {
    const { wanted, reached } = goalTexts(judgement);
    const text = judgement.goal.text.padEnd(width);
    return `  ${judgement.status.padEnd(12)}  ${text}  goal ${wanted}${reached === '' ? '' : `, measured ${reached}`}`;
  });
  return ['Goals (compared within this run)', ...lines].join('\n') + '\n';
}
