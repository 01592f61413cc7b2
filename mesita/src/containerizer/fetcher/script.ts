import { quote } from '../../linux/shell.ts';
import type { FetchItem } from './uri.ts';

/** An item whose content lies in a local file now, or the reason why it does not. */
export type Fetched =
  | { readonly item: FetchItem; readonly file: string }
  | { readonly failure: string; readonly uri: string };

/**
 * The shell script that puts fetched files into the sandbox. It runs there as the task's user, so
 * it reads nothing that the user may not read, and it owns what it makes.
 */
export function writeFetchScript(fetched: readonly Fetched[]): string {
  return ['set -f', 'umask 022', ...fetched.flatMap(writeItem), 'exit 0'].join('\n');
}

function writeItem(fetched: Fetched): string[] {
  if ('failure' in fetched) {
    return [say(`Failed to fetch '${fetched.uri}': ${fetched.failure}`), 'exit 1'];
  }
  const { item, file } = fetched;
  const { uri, output } = item;
  const fail = `{ ${say(`Failed to fetch '${uri.value}'`)}; exit 1; }`;
  const directory = output.includes('/') ? output.slice(0, output.lastIndexOf('/')) : '';
  const target = quote(`./${output}`);
  return [
    say(`Fetching URI '${uri.value}'`),
    ...(directory ? [`mkdir -p -- ${quote(`./${directory}`)} || ${fail}`] : []),
    // Whatever has the name is replaced, not written through: it may be a link.
    `rm -f -- ${target}`,
    `cp -- ${quote(file)} ${target} || ${fail}`,
    `chmod 644 ${target} || ${fail}`,
    ...finish(item, target, fail),
    say(`Fetched '${uri.value}' to '${output}'`),
  ];
}

function finish({ uri, output }: FetchItem, target: string, fail: string): string[] {
  if (uri.executable) return [`chmod 755 ${target} || ${fail}`];
  // As the schema says: archives are extracted unless it was switched off.
  if (uri.extract === false) return [];
  const command = extractCommand(output, target);
  if (command) return [`${command} || ${fail}`];
  if (uri.extract !== true) return [];
  return [
    say(
      `Copying instead of extracting resource from URI with 'extract' flag, because it does not ` +
        `seem to be an archive: ${uri.value}`,
    ),
  ];
}

/** The system's own tools: they refuse members that lead out of the directory. */
function extractCommand(output: string, target: string): string | undefined {
  if (/\.(tar|tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz)$/.test(output)) {
    return `tar -x --no-same-owner -f ${target}`;
  }
  if (output.endsWith('.zip')) return `unzip -o -q ${target}`;
  if (!output.endsWith('.gz')) return undefined;
  const name = output.slice(output.lastIndexOf('/') + 1, -'.gz'.length);
  return name ? `gunzip -d -c < ${target} > ${quote(`./${name}`)}` : undefined;
}

function say(text: string): string {
  return `echo ${quote(text)} >&2`;
}
