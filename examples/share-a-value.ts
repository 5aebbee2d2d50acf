/**
 * Four processes count in one shared number, and a fifth is told of the total through a queue.
 *
 * The functions are passed as themselves: a child imports this module and calls what it exports. What the program does,
 * and not only defines, stands behind isMainProcess(), because that import must start nothing.
 */
import { isMainProcess, Process, Queue, Value } from 'procloom';

export function count(total: Value<'i'>, times: number): void {
  for (let i = 0; i < times; i++) total.add(1);
}

export async function report(totals: Queue<number>): Promise<void> {
  console.log(`counted to ${await totals.get()}`);
}

if (isMainProcess()) {
  const total = new Value('i', 0);
  const totals = new Queue<number>();
  const reporter = new Process({ target: report, args: [totals] }).start();
  const counters = Array.from({ length: 4 }, () => new Process({ target: count, args: [total, 1000] }).start());
  for (const counter of counters) await counter.join();
  await totals.put(total.value);
  console.log(`the reporter ended with ${await reporter.join()}`);
}
