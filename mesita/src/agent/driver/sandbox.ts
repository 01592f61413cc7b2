import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findUser } from '../../linux/users.ts';
import { replaceLink } from '../checkpoint/files.ts';

/** Private to its owner and group: tasks keep secrets there. */
const SANDBOX_MODE = 0o750;

/** Makes the sandbox of one run, and points `latest` beside it there. Throws Mesos' own texts. */
export async function createSandbox(path: string, user: string | undefined): Promise<void> {
  try {
    await makeSandbox(path, user);
    await replaceLink(join(dirname(path), 'latest'), path);
  } catch (error) {
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
    throw new Error(`Failed to create executor directory '${path}': ${(error as Error).message}`, {
      cause: error,
    });
  }
}

export async function makeSandbox(path: string, user: string | undefined): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, SANDBOX_MODE);
  if (user !== undefined) await giveTo(path, user);
}

async function giveTo(path: string, user: string): Promise<void> {
  try {
    const { uid, gid } = await findUser(user);
    await chown(path, uid, gid);
  } catch (error) {
    throw new Error(`Failed to chown directory to '${user}': ${(error as Error).message}`, {
      cause: error,
    });
  }
}
