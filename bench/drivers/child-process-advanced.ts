/** child_process.fork() with serialization 'advanced'. */
import { childProcessDriver } from './child-process.js';

export default childProcessDriver('advanced');
