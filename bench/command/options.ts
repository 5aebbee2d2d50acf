/** The command line: what can be asked, and what is wrong with what was. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { drivers as allDrivers, type DriverEntry } from '../drivers/catalogue.js';
import { trials as allTrials } from '../trials/catalogue.js';
import type { Trial } from '../trials/trial.js';

export interface BenchOptions {
  quick: boolean;
  rounds: number;
  seconds: number;
  trials: Trial[];
  drivers: DriverEntry[];
  stallMs: number;
  limitMs: number;
  withinSeconds: number;
  json: string | undefined;
  list: boolean;
}

/** On a slow machine there are fewer rounds: the one has promised to end within eight minutes, the other within three. */
const FULL = { rounds: 5, seconds: 0.25, within: 470 };

const QUICK = { rounds: 3, seconds: 0.12, within: 165 };

/** Throws a CommanderError, after its message was printed, for what it cannot do, and for --help. */
export async function parseOptions(args: readonly string[]): Promise<BenchOptions> {
  const given = createCommand()
    .parse([...args], { from: 'user' })
    .opts();
  const preset = given.quick ? QUICK : FULL;
  const seconds: number = given.seconds ?? preset.seconds;
  const stall: number = given.stall ?? 15 + seconds;
  const isWanted = ({ inFullOnly }: { inFullOnly?: boolean }) => !(given.quick && inFullOnly === true);
  const added = await Promise.all((given.driverModule as string[]).map(loadEntry));
  return {
    quick: given.quick,
    rounds: given.rounds ?? preset.rounds,
    seconds,
    trials: given.trials ?? allTrials.filter(isWanted),
    drivers: [...(given.drivers ?? (added.length > 0 ? [] : allDrivers.filter(isWanted))), ...added],
    stallMs: stall * 1000,
    limitMs: (given.limit ?? 2 * stall + 10 * seconds) * 1000,
    withinSeconds: given.within ?? preset.within,
    json: given.json,
    list: given.list,
  };
}

function createCommand(): Command {
  return new Command('npm run bench --')
    .description(
      'Measures how fast data gets from one process to another: procloom beside child_process, worker_threads,\n' +
        'unix-domain sockets and Python. Each trial runs with each driver in a fresh pair of processes, round after round;\n' +
        'the table has the medians. The data are the bytes of the node binary and the records of package-lock.json, and the\n' +
        'receiver verifies all of it: number, length and SHA-256.',
    )
    .option(
      '--quick',
      `short rounds for a first look: --rounds ${QUICK.rounds} --seconds ${QUICK.seconds} --within ${QUICK.within}, ` +
        'and without what --list marks',
      false,
    )
    .option('--rounds <n>', `how often each cell is measured (default: ${FULL.rounds})`, positiveInteger)
    .option('--seconds <s>', `time measured in each cell and round (default: ${FULL.seconds})`, positiveNumber)
    .option('--trials <names>', 'only these trials, separated by commas (see --list)', (text) =>
      choose(text, allTrials, 'trial'),
    )
    .option('--drivers <names>', 'only these drivers, separated by commas (see --list)', (text) =>
      choose(text, allDrivers, 'driver'),
    )
    .option(
      '--driver-module <file>',
      'a driver of your own: a module as those in bench/drivers, which also exports its `entry`',
      collect,
      [],
    )
    .option('--json <file>', 'write all figures, with machine, versions and commit, to a file')
    .option(
      '--within <s>',
      `begin no further round that would not end within this time (default: ${FULL.within})`,
      positiveNumber,
    )
    .addOption(
      new Option('--stall <s>', 'a lap that takes longer has failed (default: 15 + seconds)').argParser(positiveNumber),
    )
    .addOption(
      new Option('--limit <s>', 'a cell that takes longer is killed (default: 2 × stall + 10 × seconds)').argParser(
        positiveNumber,
      ),
    )
    .option('--list', 'list trials and drivers, and measure nothing', false)
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  npm start                                                      the quick form\n' +
        '  npm run bench -- --trials bytes-64,round-trip --seconds 2\n' +
        '  npm run bench -- --drivers procloom-queue,python-queue --json queue.json\n' +
        '\nExit code: 0 if every cell was measured and every checksum right, 1 if not, 2 for a wrong option.\n',
    );
}

function choose<T extends { name: string }>(text: string, all: readonly T[], kind: string): T[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!all.some((entry) => entry.name === name)) {
      throw new InvalidArgumentError(
        `there is no ${kind} '${name}'; there are ${all.map((entry) => entry.name).join(', ')}.`,
      );
    }
  }
  return all.filter((entry) => names.includes(entry.name));
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more, is needed.');
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError('a number more than 0 is needed.');
  return value;
}

function collect(file: string, files: string[]): string[] {
  return [...files, file];
}

async function loadEntry(file: string): Promise<DriverEntry> {
  const module = pathToFileURL(resolve(file)).href;
  const { entry, default: driver } = await import(module);
  if (typeof driver?.host !== 'function' || typeof driver?.peer !== 'function' || typeof entry?.jobs !== 'object') {
    throw new TypeError(
      `'${file}' is no driver: it must export { host, peer } by default, and { name, title, jobs } as entry`,
    );
  }
  return { ...entry, runtime: 'node', module };
}
