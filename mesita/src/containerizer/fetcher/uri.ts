import { posix } from 'node:path';
import { err, ok, type Result } from '@mesita/sdk/base';
import type { CommandInfo } from '@mesita/sdk/types';

/** Where a URI's content comes from. */
type Source =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'http'; readonly url: string };

export interface FetchItem {
  readonly uri: CommandInfo.URI;
  readonly source: Source;
  /** Path below the sandbox. */
  readonly output: string;
}

/** Everything that can be known to be wrong with a URI before it is fetched. */
export function planFetch(
  uri: CommandInfo.URI,
  frameworksHome: string | undefined,
): Result<FetchItem> {
  const value = uri.value.trimStart();
  const problem = checkText(value);
  if (problem) return err(problem);
  const source = sourceOf(value, frameworksHome);
  if (!source.ok) return source;
  const output = outputOf(uri, value);
  if (!output.ok) return output;
  return ok({ uri, source: source.value, output: output.value });
}

/** These would be more than a path or an address to a shell or a log. */
function checkText(value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\\'\u0000-\u001f]/.test(value)) {
    return `URI '${value}' contains an illegal character`;
  }
  return value === '' ? 'URI is empty' : undefined;
}

function sourceOf(value: string, frameworksHome: string | undefined): Result<Source> {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(value)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') {
    return URL.canParse(value) ? ok({ kind: 'http', url: value }) : err(`Malformed URI '${value}'`);
  }
  if (scheme === undefined || scheme === 'file') return localSource(value, frameworksHome);
  if (scheme === 'ftp' || scheme === 'ftps') {
    return err(`Fetching '${value}': ${scheme} is not supported`);
  }
  return err(`Fetching '${value}': '${scheme}' needs a Hadoop client, which is not supported`);
}

function localSource(value: string, frameworksHome: string | undefined): Result<Source> {
  const isUrl = value.startsWith('file://');
  const path = isUrl ? value.slice('file://'.length).replace(/^localhost(?=\/)/, '') : value;
  if (path.startsWith('/')) return ok({ kind: 'local', path });
  if (isUrl) return err('File URI only supports absolute paths');
  if (!frameworksHome) {
    return err(
      'A relative path was passed for the resource but the Mesos framework home was not ' +
        'specified. Please either provide this config option or avoid using a relative path',
    );
  }
  return ok({ kind: 'local', path: posix.join(frameworksHome, path) });
}

function outputOf({ outputFile }: CommandInfo.URI, value: string): Result<string> {
  if (outputFile !== undefined && outputFile !== '') return checkOutput(outputFile);
  // What follows the host of a URL, else the whole path.
  const path = value.replace(/^[a-z]+:\/\/[^/]*/i, '');
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === '' || name === '.' || name === '..') {
    return err(`Malformed URI (missing path): ${value}`);
  }
  return ok(name);
}

function checkOutput(output: string): Result<string> {
  if (output.startsWith('/')) return err('URI output_file must be within the sandbox directory');
  const isOutside = output.split('/').includes('..');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (isOutside || /[\u0000-\u001f]/.test(output)) {
    return err('URI output_file must be within the sandbox directory');
  }
  return ok(posix.normalize(output));
}
