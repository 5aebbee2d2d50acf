/** The table of docs/errors.md. */

export interface ManualRow {
  code: string;
  class: string;
  why: string;
  remedy: string;
}

/** The rows whose first cell is a code. Throws if there is none. */
export function rowsOfManual(manual: string): ManualRow[] {
  const rows = manual
    .split('\n')
    .filter((line) => line.startsWith('| `ERR_'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')))
    .map(([, code, errorClass, why, remedy]) => ({
      code: code!.replaceAll('`', ''),
      class: errorClass!.replaceAll('`', ''),
      why: why!,
      remedy: remedy!,
    }));
  if (rows.length === 0) throw new Error('The manual of errors has no rows.');
  return rows;
}
