/**
 * Open handles that travel: what a child that only has queues or pipes needs to know of them, which is next to nothing.
 *
 * Whoever imports the package has node-kinds.ts; a child loads it with the first object that might be one of them.
 */
import { createRequire } from 'node:module';

import { foreignKindOf, offerForeign } from '../serialize/shareables.js';

offerForeign((object) => {
  createRequire(import.meta.url)('./node-kinds.js');
  return foreignKindOf(object);
});
