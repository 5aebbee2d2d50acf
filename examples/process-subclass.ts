/** A process as a class: its fields travel, run() is what the child does, and its exit code says how it went. */
import { isMainProcess, Process } from 'procloom';

export class Greeter extends Process {
  greeting = 'hello';
  readonly people: string[];

  constructor(people: string[]) {
    super({ name: 'greeter' });
    this.people = people;
  }

  override run(): void {
    for (const person of this.people) console.log(`${this.greeting}, ${person}`);
    if (this.people.length === 0) process.exit(3);
  }
}

if (isMainProcess()) {
  const greeter = new Greeter(['Ada', 'Grace']);
  greeter.greeting = 'good morning';
  console.log(await greeter.start().join());
  console.log(await new Greeter([]).start().join());
}
