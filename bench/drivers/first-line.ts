/** What is started: its first line says when it runs. */
import { writeFileSync } from 'node:fs';

export function firstLine(clockFile: string): void {
  writeFileSync(clockFile, String(process.hrtime.bigint()));
}
