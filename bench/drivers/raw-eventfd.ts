/** See raw-wake.ts. */
import { rawWakeDriver } from './raw-wake.js';

export default rawWakeDriver('eventfd');
