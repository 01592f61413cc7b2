import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, the primary one not among them. */
  readonly groups: readonly number[];
}

const run = promisify(execFile);

/**
 * From the local files; a name they do not hold is asked of the system's name services, which
 * costs a process. Throws `No such user 'name'`.
 */
export async function findUser(name: string): Promise<User> {
  const entry = findEntry(await readFile('/etc/passwd', 'utf8'), name);
  if (!entry) return askNameServices(name);
  const [, , uid, gid] = entry;
  const groups = (await readFile('/etc/group', 'utf8'))
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields[3]?.split(',').includes(name))
    .map((fields) => Number(fields[2]))
    .filter((group) => group !== Number(gid));
  return { name, uid: Number(uid), gid: Number(gid), groups };
}

function findEntry(text: string, name: string): string[] | undefined {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields.length >= 4 && fields[0] === name && name !== '');
}

async function askNameServices(name: string): Promise<User> {
  // A name that looks like an option or a bare number is no user's name.
  if (!/^[A-Za-z_][\w.@$\\-]*$/.test(name)) throw new Error(`No such user '${name}'`);
  try {
    const [account, memberships] = await Promise.all([
      run('getent', ['passwd', name]),
      run('id', ['-G', name]),
    ]);
    const [, , uid, gid] = account.stdout.trim().split(':');
    const groups = memberships.stdout.trim().split(' ').map(Number);
    return {
      name,
      uid: Number(uid),
      gid: Number(gid),
      groups: groups.filter((group) => group !== Number(gid)),
    };
  } catch (cause) {
    throw new Error(`No such user '${name}'`, { cause });
  }
}
