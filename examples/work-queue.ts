/** Two workers take jobs from one queue and put what they made of them into another. */
import { isMainProcess, Process, Queue } from 'procloom';

interface Job {
  id: number;
  text: string;
}
interface Made {
  id: number;
  letters: number;
}

export async function work(jobs: Queue<Job>, made: Queue<Made>): Promise<void> {
  // Ends after shutdown(), when the queue is empty.
  for await (const { id, text } of jobs) await made.put({ id, letters: new Set(text).size });
}

if (isMainProcess()) {
  // put() waits while 100 jobs are queued: who makes them cannot run away from who does them.
  const jobs = new Queue<Job>(100);
  const made = new Queue<Made>();
  const workers = [1, 2].map(() => new Process({ target: work, args: [jobs, made] }).start());
  for (let id = 0; id < 1000; id++) await jobs.put({ id, text: 'procloom'.slice(0, (id % 8) + 1) });
  jobs.shutdown();
  for (const worker of workers) await worker.join();

  const ids = new Set<number>();
  let letters = 0;
  while (!made.empty()) {
    const one = await made.get();
    ids.add(one.id);
    letters += one.letters;
  }
  if (ids.size !== 1000 || letters !== 3875) throw new Error(`${ids.size} jobs, ${letters} letters`);
  console.log(`${ids.size} jobs done, ${letters} letters`);
}
