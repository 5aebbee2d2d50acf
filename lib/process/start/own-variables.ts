/** Environment variables that every child has, so that whatever it starts is of one mind with this process. */
import { addonFile, native } from '../../addon/loader.js';

/** The addon and its place. */
export function ownVariables(): Record<string, string> {
  return { PROCLOOM_ADDON: addonFile, PROCLOOM_DIR: native.directory };
}
