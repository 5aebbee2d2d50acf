/** The script that a driver starts as its second process or thread. */
import { fileURLToPath } from 'node:url';

export const peerScript: string = fileURLToPath(new URL('../cell/peer-main.js', import.meta.url));
