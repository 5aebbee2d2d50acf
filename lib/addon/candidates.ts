/**
 * Where a compiled addon may lie, in the order in which they are tried.
 */
import { existsSync } from 'node:fs';

/** One place, as path components below the package's root. */
export type Candidate = readonly string[];

export const FILE = 'procloom.node';

/**
 * The C library that this Node was linked with. A binary made for the other one may load and then fail at the first
 * missing symbol, so it has to be known before anything is tried.
 */
export function libc(): 'glibc' | 'musl' {
  // The report's network section asks the resolver about every address of the machine, which can take seconds.
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  const before = report.excludeNetwork;
  try {
    report.excludeNetwork = true;
    const { header } = report.getReport() as unknown as { header?: { glibcVersionRuntime?: string } };
    if (header) return header.glibcVersionRuntime ? 'glibc' : 'musl';
  } catch {
    // Reports can be compiled out or forbidden; then the distribution that is built on musl says so itself.
  } finally {
    if (before !== undefined) report.excludeNetwork = before;
  }
  return existsSync('/etc/alpine-release') ? 'musl' : 'glibc';
}

/** What was compiled on this machine: by a developer's set-up, or by `procloom-build`. */
export const OWN_BUILD: Candidate = ['build', 'Release', FILE];

/** What the package brought along. Names as prebuildify gives them. */
export function prebuilt(): Candidate {
  const { platform, arch } = process;
  const file = platform === 'linux' ? `procloom.${libc()}.node` : FILE;
  return ['prebuilds', `${platform}-${arch}`, file];
}
