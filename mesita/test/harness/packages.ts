import { spawnSync } from 'node:child_process';
import process from 'node:process';

/** Is the program there, or can it be had from Debian? Says in one line when it is not. */
export function hasProgram(program: string, debianPackage = program): boolean {
  if (isInstalled(program)) return true;
  if (process.getuid?.() === 0 && isInstalled('apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // Somebody else may be installing something right now.
    const patience = ['-o', 'DPkg::Lock::Timeout=60'];
    const args = ['install', '-y', '-qq', '--no-install-recommends', debianPackage];
    spawnSync('apt-get', [...patience, ...args], { env, stdio: 'ignore', timeout: 180_000 });
    if (isInstalled(program)) return true;
  }
  console.log(`skipped: needs ${program} (Debian's ${debianPackage})`);
  return false;
}

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0" >/dev/null', program]).status === 0;
}
