import { readFile } from 'node:fs/promises';

interface Owners {
  user(uid: number): string;
  group(gid: number): string;
}

/** Names from the local files; a number stands for itself. Read anew each time: users come and go. */
export async function readOwners(): Promise<Owners> {
  const [users, groups] = await Promise.all([readNames('/etc/passwd'), readNames('/etc/group')]);
  return {
    user: (uid) => users.get(String(uid)) ?? String(uid),
    group: (gid) => groups.get(String(gid)) ?? String(gid),
  };
}

async function readNames(path: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const line of (await readFile(path, 'utf8').catch(() => '')).split('\n')) {
    const [name, , id] = line.split(':');
    if (name && id && !names.has(id)) names.set(id, name);
  }
  return names;
}

const kinds: readonly (readonly [number, string])[] = [
  [0o140000, 's'],
  [0o120000, 'l'],
  [0o100000, '-'],
  [0o060000, 'b'],
  [0o040000, 'd'],
  [0o020000, 'c'],
  [0o010000, 'p'],
];

/** `-rwxr-sr-t`, as `ls` writes it. */
export function formatMode(mode: number): string {
  const kind = kinds.find(([bits]) => (mode & 0o170000) === bits)?.[1] ?? '-';
  const letters = [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index) ? letter : '-'));
  const special = (bit: number, index: number, letter: string) => {
    if (mode & bit) letters[index] = letters[index] === 'x' ? letter : letter.toUpperCase();
  };
  special(0o4000, 2, 's');
  special(0o2000, 5, 's');
  special(0o1000, 8, 't');
  return kind + letters.join('');
}
