/** The environment variables of a child. */
import { addonFile, native } from '../../addon/loader.js';

/** Variables that every child has, so that whatever it starts is of one mind with this process: the addon, its place. */
export function ownVariables(): Record<string, string> {
  return { PROCLOOM_ADDON: addonFile, PROCLOOM_DIR: native.directory };
}

/** All that a child which is a process is to have, as node:child_process would give it. */
export function environmentOf(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return Object.assign(variablesOf(env), ownVariables());
}

/** A copy of those that have a value. */
export function variablesOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const all: NodeJS.ProcessEnv = { ...env };
  // In our own there are strings only.
  if (env !== process.env) {
    for (const [name, value] of Object.entries(all)) {
      if (value === undefined) delete all[name];
      else all[name] = String(value);
    }
  }
  return all as Record<string, string>;
}

/** What is read when a process or its Node begins (or when our addon is loaded), and never again. */
const readAtBoot =
  /^(NODE_|UV_|LD_|DYLD_|LC_|MALLOC_|GLIBC_|OPENSSL_|SSL_|ICU_|LSAN_|ASAN_|TSAN_|UBSAN_|PROCLOOM_|LANG$|LANGUAGE$)/;

/** Whether a process that began with the one environment can still be given the other. */
export function isReachable(
  wanted: Readonly<Record<string, string>>,
  begun: Readonly<Record<string, string>>,
): boolean {
  const differs = (name: string) => readAtBoot.test(name) && wanted[name] !== begun[name];
  return !Object.keys(wanted).some(differs) && !Object.keys(begun).some(differs);
}

/** Makes that this process's environment. */
export function applyEnvironment(wanted: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(wanted, name)) delete process.env[name];
  for (const [name, value] of Object.entries(wanted)) if (process.env[name] !== value) process.env[name] = value;
}
