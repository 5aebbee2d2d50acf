/** The way to a part of a value, written as one would in a program: `users[3].name`. */

/** A step that no property makes. */
export class MapStep {
  readonly key: unknown;
  /** Whether the step goes to the key itself, not to what the map holds under it. */
  readonly toKey: boolean;

  constructor(key: unknown, toKey: boolean) {
    this.key = key;
    this.toKey = toKey;
  }
}

/** A step to a member of a set, by its place in the order of insertion. */
export class SetStep {
  readonly place: number;

  constructor(place: number) {
    this.place = place;
  }
}

export type Step = string | number | MapStep | SetStep;

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const MOST_STEPS = 24;

/** '' for no step: the value itself. Of a very long way the middle is left out. */
export function pathText(steps: readonly Step[]): string {
  if (steps.length <= MOST_STEPS) return steps.map(stepText).join('').replace(/^\./, '');
  const half = MOST_STEPS / 2;
  return `${pathText(steps.slice(0, half))}…${steps.slice(-half).map(stepText).join('')}`;
}

function stepText(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  if (typeof step === 'string') {
    if (identifier.test(step)) return `.${step}`;
    return `[${JSON.stringify(step)}]`;
  }
  if (step instanceof SetStep) return `.values()[${step.place}]`;
  return step.toKey ? `.keys(${keyText(step.key)})` : `.get(${keyText(step.key)})`;
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key === 'object' && key !== null) return '{…}';
  return String(key);
}
