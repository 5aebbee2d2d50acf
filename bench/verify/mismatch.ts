/** What was received is not what was to be sent: the benchmark's run has failed. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}
