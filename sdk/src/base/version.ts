import type { Result } from './result.ts';
import { err, ok } from './result.ts';

/** `major.minor.patch[-prerelease][+build]`; minor and patch may be left out. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: readonly string[];
  readonly build: readonly string[];
}

const VERSION = /^(\d{1,10}(?:\.\d{1,10}){0,2})(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;

export function parseVersion(text: string): Result<Version> {
  const match = VERSION.exec(text);
  if (match === null) return err(`Invalid version '${text}'`);
  const [major = 0, minor = 0, patch = 0] = (match[1] as string).split('.').map(Number);
  const labels = [match[2], match[3]].map((label) => label?.split('.') ?? []);
  if (labels.some((parts) => parts.includes('')))
    return err(`Invalid version '${text}': empty label`);
  const [prerelease = [], build = []] = labels;
  return ok({ major, minor, patch, prerelease, build });
}

/** Negative, zero, positive as `a` is older than, as old as, newer than `b`. Build labels do not count. */
export function compareVersions(a: Version, b: Version): number {
  const numbers = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  return numbers !== 0 ? numbers : comparePrereleases(a.prerelease, b.prerelease);
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  // 1.0.0-rc1 comes before 1.0.0.
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i] as string, b[i] as string];
    if (left === right) continue;
    const isNumeric = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isNumeric[0] && isNumeric[1]) return Number(left) - Number(right);
    if (isNumeric[0] !== isNumeric[1]) return isNumeric[0] ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

export function formatVersion({ major, minor, patch, prerelease, build }: Version): string {
  const suffix = (mark: string, labels: readonly string[]) =>
    labels.length === 0 ? '' : mark + labels.join('.');
  return `${major}.${minor}.${patch}${suffix('-', prerelease)}${suffix('+', build)}`;
}
