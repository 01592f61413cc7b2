import { readFileSync } from 'node:fs';
import { err, ok, type Result } from '@mesita/sdk/base';

/** Beyond it, a file named by a flag is a mistake: `/dev/zero`, a disk image. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads the file that a flag names; the error is the system's own words. */
export function readFile(path: string): Result<string> {
  try {
    const content = readFileSync(path);
    if (content.length > MAX_BYTES) return err('File too large');
    return ok(content.toString('utf8'));
  } catch (error) {
    return err(systemText(error as NodeJS.ErrnoException));
  }
}

/** `No such file or directory`: what C's strerror says. */
export function systemText(error: NodeJS.ErrnoException): string {
  if (error.code === 'EISDIR') return 'Is a directory';
  // `ENOENT: no such file or directory, open '/x'`
  const words = /: (.*?)(?:, \w+(?: '.*')?)?$/s.exec(error.message)?.[1] ?? error.message;
  return words.charAt(0).toUpperCase() + words.slice(1);
}
