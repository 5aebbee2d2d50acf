/**
 * The end of a thread: gives up what it holds, also where process.exit() skips the addon's own clean-up.
 *
 * It is registered first, so it runs first; what other listeners of 'exit' still use is joined anew and left to the
 * next process of ours that comes by.
 */
import { native } from '../addon/loader.js';

process.once('exit', () => native.leave());
