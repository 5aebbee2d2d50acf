/** Eleven buyers, five tickets in a file: everybody may look at once, only one at a time may buy. */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMainProcess, Lock, Process, Queue } from 'procloom';

interface Office {
  count: number;
}

/** A moment, as a network or a disk would take it: this is where, without the lock, several see the same last ticket. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 10));

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Office;

/** In one step: who looks meanwhile, without the lock, sees the old count or the new one, and never half a file. */
function write(file: string, office: Office): void {
  writeFileSync(`${file}.new`, JSON.stringify(office));
  renameSync(`${file}.new`, file);
}

async function showTickets(file: string, buyer: number): Promise<void> {
  await moment();
  console.log(`buyer ${buyer} sees ${read(file).count} tickets`);
}

async function buyTicket(file: string, buyer: number): Promise<boolean> {
  const office = read(file);
  await moment();
  if (office.count === 0) return false;
  office.count--;
  await moment();
  write(file, office);
  console.log(`buyer ${buyer} has a ticket`);
  return true;
}

export async function grab(file: string, buyer: number, lock: Lock, happy: Queue<number>): Promise<void> {
  await showTickets(file, buyer);
  if (await lock.with(() => buyTicket(file, buyer))) await happy.put(buyer);
}

if (isMainProcess()) {
  const folder = mkdtempSync(join(tmpdir(), 'tickets-'));
  const file = join(folder, 'ticket.json');
  write(file, { count: 5 });
  const lock = new Lock();
  const happy = new Queue<number>();
  const buyers = Array.from({ length: 11 }, (_, buyer) =>
    new Process({ target: grab, args: [file, buyer, lock, happy] }).start(),
  );
  for (const buyer of buyers) {
    if ((await buyer.join()) !== 0) throw new Error(`${buyer.name} ended with ${buyer.exitcode}`);
  }
  const left = read(file).count;
  rmSync(folder, { recursive: true });
  if (happy.qsize() !== 5 || left !== 0) throw new Error(`${happy.qsize()} bought, ${left} tickets are left`);
  console.log(`${happy.qsize()} of ${buyers.length} have a ticket, ${left} are left`);
}
