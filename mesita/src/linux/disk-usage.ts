import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes that a directory occupies, hard links counted once, links not followed, `exclude`d paths
 * left out. One call at a time touches the disk, so that a large tree does not crowd out others.
 */
export async function measureDisk(
  directory: string,
  exclude: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<number> {
  const seen = new Set<string>();
  const waiting = [directory];
  let bytes = 0;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    signal.throwIfAborted();
    // Files come and go while we walk: what is missing counts nothing.
    const info = await lstat(path).catch(() => undefined);
    if (!info || exclude.has(path)) continue;
    const inode = `${info.dev}:${info.ino}`;
    if (info.nlink > 1 && !info.isDirectory() && seen.has(inode)) continue;
    if (info.nlink > 1) seen.add(inode);
    bytes += info.blocks * 512;
    if (info.isDirectory()) waiting.push(...(await entriesOf(path)));
  }
  return bytes;
}

async function entriesOf(path: string): Promise<string[]> {
  const paths: string[] = [];
  try {
    for await (const { name } of await opendir(path)) paths.push(join(path, name));
  } catch {
    // Gone meanwhile.
  }
  return paths;
}
