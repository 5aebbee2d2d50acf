/** procloom's Process, started by 'forkserver'. */
import { procloomStart } from './procloom-start.js';

export default procloomStart('forkserver');
