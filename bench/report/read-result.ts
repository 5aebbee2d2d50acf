/** Reads a result that --json has written. */
import { readFileSync } from 'node:fs';
import { RESULT_FORMAT, type Result } from '../run/result.js';

export function readResult(path: string): Result {
  const result = JSON.parse(readFileSync(path, 'utf8'));
  if (result?.format !== RESULT_FORMAT) {
    throw new Error(
      `'${path}' is no result of this benchmark: its format is ${result?.format}, not ${RESULT_FORMAT}; measure again with --json`,
    );
  }
  return result;
}
