/** procloom's Process, started by 'spawn'. */
import { procloomStart } from './procloom-start.js';

export default procloomStart('spawn');
