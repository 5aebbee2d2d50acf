/**
 * Two programs that know nothing of each other but a name. Here one starts the other with child_process; they could be
 * workers of a cluster, or run in two terminals.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { Lock, SegmentError, unlink, Value } from 'procloom';

// A name of its own for each run, so that two runs at a time do not meet.
const name = process.argv[2] ?? `example-visits-${process.pid}`;
const visits = new Value('i', 0, { name }); // the first makes it, the others find it
visits.add(1);

if (process.argv[2] === undefined) {
  for (let i = 0; i < 2; i++) execFileSync(process.execPath, [fileURLToPath(import.meta.url), name]);
  console.log(`${visits.value} visits`);

  try {
    const lock = new Lock({ name });
    throw new Error(`a lock was found where a value is: ${lock.name}`);
  } catch (error) {
    if (!(error instanceof SegmentError)) throw error;
    console.log(error.code);
  }

  // A named object outlives the processes; the name must be removed by somebody.
  visits.unlink();
  console.log(`removed again: ${unlink(name)}`);
}
