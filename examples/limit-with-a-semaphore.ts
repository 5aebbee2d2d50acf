/** Four processes, and at most two of them in the workshop at a time. */
import { isMainProcess, Process, Semaphore, Value } from 'procloom';

export async function visit(doors: Semaphore, inside: Value<'i'>, most: Value<'i'>): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await doors.with(async () => {
      const now = inside.add(1) + 1;
      most.updateSync((before) => Math.max(before, now));
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside.add(-1);
    });
  }
}

if (isMainProcess()) {
  const doors = new Semaphore(2);
  const [inside, most] = [new Value('i', 0), new Value('i', 0)];
  const visitors = Array.from({ length: 4 }, () => new Process({ target: visit, args: [doors, inside, most] }).start());
  for (const visitor of visitors) await visitor.join();
  if (most.value > 2 || inside.value !== 0) throw new Error(`${most.value} were inside at once`);
  console.log(`never more than 2 inside, ${doors.getValue()} doors free again`);
}
