/** Awaiting an end with a timeout and a signal. */

/**
 * Resolves true when `ended` does, false when the timeout passed first; rejects with the signal's reason.
 *
 * @param timeoutMs less than zero is for ever
 * @param ref whether the timer keeps the process alive
 */
export function endsWithin(
  ended: Promise<void>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  ref: boolean,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (then: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      then();
    };
    const abort = () => settle(() => reject(signal!.reason as Error));
    if (signal?.aborted) return reject(signal.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
    if (timeoutMs >= 0) {
      // Longer ones would fire at once.
      timer = setTimeout(() => settle(() => resolve(false)), Math.min(timeoutMs, 0x7fffffff));
      if (!ref) timer.unref();
    }
    void ended.then(() => settle(() => resolve(true)));
  });
}
