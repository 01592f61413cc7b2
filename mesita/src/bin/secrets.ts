// The files of secrets that flags name. That they can be read was checked with the flags.
import { type Logger, unwrap } from '@mesita/sdk/base';
import type { Credential } from '@mesita/sdk/types';
import { readCredential, readCredentials, warnOfOpenFile } from '../flags/credentials.ts';
import { readFile } from '../flags/read-file.ts';

export function loadCredentials(
  flag: string,
  path: string | undefined,
  log: Logger,
): readonly Credential[] | undefined {
  if (path === undefined) return undefined;
  warn('credentials', path, log);
  return unwrap(readCredentials(flag, path, readFile));
}

export function loadCredential(path: string | undefined, log: Logger): Credential | undefined {
  if (path === undefined) return undefined;
  warn('credential', path, log);
  const credential = unwrap(readCredential(path, readFile));
  log.info('using credential', { principal: credential.principal });
  return credential;
}

export function loadKey(path: string | undefined, log: Logger): string | undefined {
  if (path === undefined) return undefined;
  warn('executor secret key', path, log);
  return unwrap(readFile(path));
}

function warn(what: string, path: string, log: Logger): void {
  const warning = warnOfOpenFile(what, path);
  if (warning !== undefined) log.warn(warning);
}
