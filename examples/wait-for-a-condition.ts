/** A bounded buffer: two conditions over one lock tell who makes that there is room, and who takes that there is something. */
import { Condition, isMainProcess, Lock, Process, SharedArray, Value } from 'procloom';

interface Buffer {
  items: SharedArray<'i'>;
  count: Value<'i'>;
  notFull: Condition;
  notEmpty: Condition;
}

export async function make({ items, count, notFull, notEmpty }: Buffer, howMany: number): Promise<void> {
  for (let i = 1; i <= howMany; i++) {
    await notFull.with(async () => {
      await notFull.waitFor(() => count.value < items.length);
      items.set(count.add(1), i);
      notEmpty.notify();
    });
  }
}

/** The same, blocking: the two kinds wait for each other as well. */
export function take({ items, count, notFull, notEmpty }: Buffer, howMany: number, sum: Value<'i'>): void {
  for (let i = 0; i < howMany; i++) {
    notEmpty.withSync(() => {
      notEmpty.waitForSync(() => count.value > 0);
      count.add(-1);
      sum.add(items.get(count.value));
      notFull.notify();
    });
  }
}

if (isMainProcess()) {
  const lock = new Lock();
  const buffer: Buffer = {
    items: new SharedArray('i', 3, { lock: false }),
    count: new Value('i', 0, { lock: false }),
    notFull: new Condition(lock),
    notEmpty: new Condition(lock),
  };
  const sum = new Value('i', 0, { lock: false });
  const makers = [1, 2].map(() => new Process({ target: make, args: [buffer, 500] }).start());
  const takers = [1, 2].map(() => new Process({ target: take, args: [buffer, 500, sum] }).start());
  for (const worker of [...makers, ...takers]) {
    if ((await worker.join()) !== 0) throw new Error(`${worker.name} ended with ${worker.exitcode}`);
  }
  if (sum.value !== 500 * 501 || buffer.count.value !== 0) throw new Error(`${sum.value}, ${buffer.count.value} left`);
  console.log(`1000 items through ${buffer.items.length} places, their sum is ${sum.value}`);
}
