/** What is ordered of, and what is had of a process that is started: see launch.ts. */
import type { Socket } from 'node:net';

/** What a descriptor of the child is to be: nothing, what it is here, a stream to here. */
export const ends = ['ignore', 'inherit', 'pipe'] as const;
export type End = (typeof ends)[number];

export interface LaunchOrder {
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string | undefined;
  /** Of its descriptors 0, 1, … */
  stdio: readonly End[];
}

/** A process that was started. */
export interface Launched {
  readonly pid: number;
  /** This process's ends of those that are streams. */
  readonly streams: readonly (Socket | null)[];
  /** Whether its end was told. */
  readonly hasEnded: boolean;
  /**
   * Tells of its end on the event loop: its exit code, or minus the signal that killed it. Whoever comes when `hasEnded`
   * is true already is told nothing.
   */
  onEnd(listener: (exitcode: number) => void): void;
  /** Does nothing when its end was told. */
  kill(signal: NodeJS.Signals): void;
  /** Whether it keeps this process alive; it does at first. */
  ref(): void;
  unref(): void;
}

/** The system, or Node, did not start it. */
export interface Refused {
  readonly pid: undefined;
  /** The system's word for the reason, where it is known at once. */
  readonly code: string | undefined;
}
