import { readdir, readFile, readlink } from 'node:fs/promises';

const listening = '0A';

/** The ports on which this network namespace listens (TCP), by the inodes of their sockets. */
export async function readListeningSockets(): Promise<Map<number, number>> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/self/net/${name}`, 'latin1').catch(() => '')),
  );
  return new Map(tables.flatMap(parseListening));
}

/** `sl local_address rem_address st … inode`, addresses as `HEX:PORT`. */
export function parseListening(table: string): [inode: number, port: number][] {
  return table.split('\n').flatMap((line): [number, number][] => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== listening || inode === '0') return [];
    return [[Number(inode), Number.parseInt(local.split(':')[1] ?? '', 16)]];
  });
}

/** The inodes of the sockets that a process has open; none when it is gone. */
export async function readSockets(pid: number): Promise<number[]> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  const targets = await Promise.all(
    names.map((name) => readlink(`${directory}/${name}`).catch(() => '')),
  );
  return targets.flatMap((target) => {
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    return inode === undefined ? [] : [Number(inode)];
  });
}
