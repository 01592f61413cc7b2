// Machines of a network of our own: a namespace each, all behind one router, which is this process's
// namespace. Everything ends with this process, which must have been started by `inNetwork`.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { hasProgram } from './packages.ts';

/** Where a program runs: the command that puts it there, and the address it has there. */
export interface Place {
  readonly host: string;
  readonly prefix: readonly string[];
}

export interface Network {
  addPlace(name: string): Place;
  /** Nothing from one reaches the other any more, and nobody is told so. */
  cut(from: Place, to: Place): void;
  /** Undoes every cut. */
  heal(): void;
}

/** What a command is put behind to get a network, processes and mounts of its own, and its end. */
export const inNetwork: readonly string[] = [
  'unshare',
  ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
];

/** Skips with a line where namespaces cannot be made. */
export function hasNetworks(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.log('skipped: network namespaces need Linux and root');
    return false;
  }
  if (!hasProgram('ip', 'iproute2')) return false;
  const [command = '', ...options] = inNetwork;
  const made = spawnSync(command, [...options, 'ip', 'link', 'set', 'lo', 'up']);
  if (made.status === 0) return true;
  console.log(`skipped: no network namespaces here: ${made.stderr}`);
  return false;
}

/** One link for each place, so that whatever goes from one to another is forwarded here. */
export function createNetwork(): Network {
  run('mount', '-t', 'tmpfs', 'none', '/run');
  run('ip', 'link', 'set', 'lo', 'up');
  run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  let count = 0;
  let cuts: string[][] = [];
  return {
    addPlace(name) {
      count++;
      const [router, host] = [`10.77.${count}.1`, `10.77.${count}.2`];
      run('ip', 'netns', 'add', name);
      run('ip', 'link', 'add', `to-${count}`, 'type', 'veth', 'peer', 'eth0', 'netns', name);
      run('ip', 'address', 'add', `${router}/30`, 'dev', `to-${count}`);
      run('ip', 'link', 'set', `to-${count}`, 'up');
      run('ip', '-n', name, 'address', 'add', `${host}/30`, 'dev', 'eth0');
      run('ip', '-n', name, 'link', 'set', 'eth0', 'up');
      run('ip', '-n', name, 'link', 'set', 'lo', 'up');
      run('ip', '-n', name, 'route', 'add', 'default', 'via', router);
      return { host, prefix: ['ip', 'netns', 'exec', name] };
    },
    cut(from, to) {
      const rule = ['from', from.host, 'to', to.host, 'blackhole'];
      run('ip', 'rule', 'add', ...rule);
      cuts.push(rule);
    },
    heal() {
      for (const rule of cuts) run('ip', 'rule', 'del', ...rule);
      cuts = [];
    },
  };
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
