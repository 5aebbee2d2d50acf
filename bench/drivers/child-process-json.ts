/** child_process.fork() with serialization 'json'. */
import { childProcessDriver } from './child-process.js';

export default childProcessDriver('json');
