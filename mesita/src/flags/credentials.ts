// Files that hold principals and their secrets.
import { statSync } from 'node:fs';
import { err, ok, type Result } from '@mesita/sdk/base';
import type { Credential } from '@mesita/sdk/types';
import type { MessageSchema } from '../wire/descriptor.ts';
import { DecodeError } from '../wire/errors.ts';
import { fromJson, parseTextAs } from '../wire/json.ts';
import * as mesos from '../wire/schema/mesos.ts';

type ReadFile = (path: string) => Result<string>;

/** The list of a flag such as `--credentials`; it must have at least one. */
export function readCredentials(
  flag: string,
  path: string,
  readFile: ReadFile,
): Result<readonly Credential[]> {
  const read = readMessage(mesos.Credentials, 'credentials', path, readFile);
  const hint = ` (see --${flag} flag)`;
  if (!read.ok) return err(read.error + hint);
  if (read.value) return ok(read.value.credentials ?? []);
  return err(`Credentials file must contain at least one credential${hint}`);
}

/** The one of `--credential`. */
export function readCredential(path: string, readFile: ReadFile): Result<Credential> {
  const read = readMessage(mesos.Credential, 'credential', path, readFile);
  const hint = ' (see --credential flag)';
  if (!read.ok) return err(read.error + hint);
  return read.value ? ok(read.value) : err(`Empty credential file '${path}'${hint}`);
}

/** Undefined when the file is empty. No text of an error quotes the file: it holds secrets. */
function readMessage<T>(
  schema: MessageSchema<T>,
  what: string,
  path: string,
  readFile: ReadFile,
): Result<T | undefined> {
  const text = readFile(path);
  if (!text.ok) return err(`Failed to read ${what} file '${path}': ${text.error}`);
  if (text.value === '') return ok(undefined);
  let json: unknown;
  try {
    json = parseTextAs('object', text.value);
  } catch (error) {
    if (error instanceof DecodeError)
      return err(`Invalid json format: '${path}' holds no JSON object`);
    throw error;
  }
  try {
    return ok(fromJson(schema, json));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return err(`Failed to parse ${what}: ${error.message}`);
  }
}

/** What to warn of when others than the owner and the group may use a file of secrets. */
export function warnOfOpenFile(what: string, path: string): string | undefined {
  try {
    if ((statSync(path).mode & 0o007) === 0) return undefined;
  } catch (error) {
    return `Failed to stat ${what} file '${path}': ${(error as Error).message}`;
  }
  return (
    `Permissions on ${what} file '${path}' are too open; it is recommended that your ` +
    `${what} file is NOT accessible by others`
  );
}
