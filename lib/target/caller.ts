/** Which module called into procloom. */
import { fileURLToPath, pathToFileURL } from 'node:url';

import { isCommonJsFile } from './loaded-modules.js';
import { isBundled, isPacked, packedMainUrl } from './packed-main.js';

const packageFolder = isBundled(import.meta.url) ? undefined : fileURLToPath(new URL('..', import.meta.url));

/**
 * The URL of the module whose code called the package; undefined where that cannot be told (eval, the REPL). Of a packed
 * program's main module, and where the package is part of that, it is the executable's.
 */
export function callerUrl(): string | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 30;
    Error.prepareStackTrace = (_error, sites) => sites;
    const sites = new Error('where from').stack as unknown as NodeJS.CallSite[];
    for (const site of sites) {
      const file = site.getFileName();
      if (file === null || file === undefined || file.startsWith('node:')) continue;
      const path = file.startsWith('file:') ? fileURLToPath(file) : file;
      if (packageFolder !== undefined && path.startsWith(packageFolder)) continue;
      // The name of its script is what its builder gave it, often a path that was true there.
      if (isPacked() && path === file && !isCommonJsFile(file)) return packedMainUrl();
      return file.startsWith('file:') ? file : pathToFileURL(file).href;
    }
    return undefined;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}
