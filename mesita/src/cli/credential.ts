// As whom daemons are asked: the same for every command.
import { ok, type Result } from '@mesita/sdk/base';
import { Option } from 'commander';
import { readCredential } from '../flags/credentials.ts';
import { readFile } from '../flags/read-file.ts';
import { Problem } from './problem.ts';

export const CREDENTIAL_VARIABLE = 'MESITA_CREDENTIAL';

/** Who asks, and the headers that prove it. */
export interface Asker {
  readonly principal?: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Pair {
  readonly principal: string;
  readonly secret: string;
}

export const nobody: Asker = { headers: {} };

/** `--credential`; what commands get as its value is who asks. */
export function credentialOption(): Option {
  return new Option(
    '--credential <file>',
    'who asks: JSON with principal and secret, as for daemons',
  )
    .env(CREDENTIAL_VARIABLE)
    .default(nobody, 'nobody in particular')
    .argParser(readAsker);
}

/** Throws a Problem when the file holds no credential. An empty variable is none. */
function readAsker(path: string): Asker {
  if (path === '') return nobody;
  const read = readCredentialFile(path);
  if (!read.ok) throw new Problem(read.error, 'It holds {"principal": "…", "secret": "…"}.');
  return askerOf(read.value);
}

export function readCredentialFile(path: string): Result<Pair> {
  const read = readCredential(path.replace(/^file:\/\//, ''), readFile);
  if (!read.ok) return read;
  const { principal, secret = '' } = read.value;
  return ok({ principal, secret });
}

export function askerOf({ principal, secret }: Pair): Asker {
  const encoded = Buffer.from(`${principal}:${secret}`).toString('base64');
  return { principal, headers: { Authorization: `Basic ${encoded}` } };
}
