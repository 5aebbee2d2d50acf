/** procloom's Process, started by 'thread'. */
import { procloomStart } from './procloom-start.js';

export default procloomStart('thread');
