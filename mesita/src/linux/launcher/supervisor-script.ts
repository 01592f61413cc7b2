import { join } from 'node:path';
import { quote } from '../shell.ts';
import { type ForkSpec, idleProgram } from './forker.ts';

/**
 * The script that does for one container what the compiled supervisor does: holds the FIFO, waits
 * for the process, writes its wait status.
 */
export function writeSupervisor(spec: ForkSpec, sequence: string): string {
  const at = (name: string): string => quote(join(spec.directory, name));
  return `umask 022
cd / || exit
failed() { echo "${sequence} error $1"; exit 1; }
mkfifo -m 600 ${at('alive')} ${at('release')} || failed 'Failed to make FIFOs'
exec 3<>${at('alive')} 4<>${at('release')} || failed 'Failed to open FIFOs'
${prepareLog(spec, spec.stdout)}
${prepareLog(spec, spec.stderr)}
trap '' TERM
setsid /bin/sh -c ${quote(childScript(spec))} >>${quote(spec.stdout)} 2>>${quote(spec.stderr)} 3>&- &
child=$!
exec 4>&-
echo "${sequence} ok $child $$"
exec >/dev/null
wait $child
code=$?
if [ $code -gt 128 ]; then raw=$((code - 128)); else raw=$((code << 8)); fi
echo $raw >${at('status.tmp')}
mv ${at('status.tmp')} ${at('status')}
echo x >&3
`;
}

function prepareLog(spec: ForkSpec, path: string): string {
  const file = quote(path);
  const owner = spec.user && process.getuid?.() === 0 ? `${spec.user.uid}:${spec.user.gid}` : '';
  const own = owner ? ` && chown -h ${owner} ${file}` : '';
  return `[ ! -L ${file} ] && : >>${file}${own} || failed 'Failed to open a log file'`;
}

/** Waits for the word, then becomes the user's program. Ends with status 1 when it cannot. */
function childScript(spec: ForkSpec): string {
  const assignments = Object.entries(spec.env).map(([name, value]) => quote(`${name}=${value}`));
  const clean = ['env', '-i', ...assignments].join(' ');
  const before = spec.preExec.map(
    (command) =>
      `${clean} /bin/sh -c ${quote(command)} || { echo ${quote(`The pre-exec command '${command}' failed`)} >&2; exit 1; }`,
  );
  return [
    'trap - TERM',
    'read -r go <&4 || exit 1',
    'exec 4>&-',
    ...before,
    `cd ${quote(spec.cwd)} || exit 1`,
    `exec ${[...limits(spec), ...user(spec), clean, ...program(spec)].join(' ')}`,
  ].join('\n');
}

function program(spec: ForkSpec): string[] {
  if (spec.file === idleProgram) {
    return ['/bin/sh', '-c', quote("trap 'exit 0' TERM; sleep infinity & wait")];
  }
  const text = `command -v -- "$0" >/dev/null 2>&1 || { echo "Failed to execute '$0': No such file or directory" >&2; exit 1; }
exec "$0" "$@"`;
  return ['/bin/sh', '-c', quote(text), quote(spec.file), ...spec.args.slice(1).map(quote)];
}

function limits({ rlimits }: ForkSpec): string[] {
  if (rlimits.length === 0) return [];
  const options = rlimits.map(({ name, soft, hard }) => {
    const option = name.replace('RLMT_', '').toLowerCase();
    return `--${option}=${soft ?? 'unlimited'}:${hard ?? 'unlimited'}`;
  });
  return ['prlimit', ...options];
}

function user({ user: ids }: ForkSpec): string[] {
  if (!ids || process.getuid?.() !== 0) return [];
  const groups = ids.groups.length > 0 ? `--groups=${ids.groups.join(',')}` : '--clear-groups';
  return ['setpriv', `--reuid=${ids.uid}`, `--regid=${ids.gid}`, groups];
}
