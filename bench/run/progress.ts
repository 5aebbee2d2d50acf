/** How far a run is: a bar on a terminal, nothing elsewhere. */
import cliProgress from 'cli-progress';

export interface Progress {
  start(steps: number): void;
  /** Begins the next step. */
  step(what: string): void;
  stop(): void;
}

const silent: Progress = { start: () => undefined, step: () => undefined, stop: () => undefined };

export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return silent;
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: '{bar} {value}/{total}  {duration_formatted}  {what}',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  let begun = 0;
  return {
    start: (steps) => bar.start(steps, 0, { what: '' }),
    step: (what) => bar.update(begun++, { what }),
    stop: () => bar.stop(),
  };
}
