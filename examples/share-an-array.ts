/** Two processes fill the halves of one array, in place; nothing is copied or sent. */
import { isMainProcess, Process, SharedArray } from 'procloom';

export function square(numbers: SharedArray<'d'>, from: number, to: number): void {
  const { view } = numbers; // a Float64Array over the shared memory
  for (let i = from; i < to; i++) view[i] = i * i;
}

if (isMainProcess()) {
  const length = 1000;
  const numbers = new SharedArray('d', length);
  const halves = [
    [0, length / 2],
    [length / 2, length],
  ].map(([from, to]) => new Process({ target: square, args: [numbers, from, to] }).start());
  for (const half of halves) await half.join();
  const sum = numbers.view.reduce((a, b) => a + b);
  if (sum !== 332_833_500) throw new Error(`the sum is ${sum}`);
  console.log(`the sum of the squares is ${sum}; the last one is ${numbers.get(length - 1)}`);
}
