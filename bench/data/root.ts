/** Finds the project's own folder, from the sources as well as from the compiled benchmark. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'procloom') return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json of procloom in '${start}' or above it`);
  }
}

/** The folder that holds procloom's package.json. */
export const projectRoot: string = findRoot();
