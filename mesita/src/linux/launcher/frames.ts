import type {
  CapabilitySets,
  Confinement,
  FileStep,
  ForkSpec,
  MountDetails,
  Place,
  ResourceLimit,
  UserIds,
} from './forker.ts';
import type { Answer } from './launcher-process.ts';

const maxFrameBytes = 8 << 20;

/** Strings, each ended by a zero byte, behind their length. The protocol of native/launcher.c. */
export function encodeFrame(strings: readonly string[]): Buffer {
  const body = Buffer.from(strings.map((text) => `${text}\0`).join(''), 'utf8');
  if (body.length > maxFrameBytes) throw new Error('Arguments and environment are too large');
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}

/** One letter, one value each. A zero byte inside a value would forge another: refused. */
export function forkFields(spec: ForkSpec): string[] {
  const fields = [
    `d${spec.directory}`,
    `w${spec.cwd}`,
    `o${spec.stdout}`,
    `e${spec.stderr}`,
    `f${spec.file}`,
    ...spec.args.map((arg) => `a${arg}`),
    ...Object.entries(spec.env).map(([name, value]) => `v${name}=${value}`),
    ...spec.rlimits.map((limit) => `l${limitText(limit)}`),
    ...spec.preExec.map((command) => `p${command}`),
    ...(spec.user ? [`u${userText(spec.user)}`] : []),
    ...optional('i', spec.stdin),
    ...optional('t', spec.tty),
    ...confinementFields(spec.confinement ?? {}),
  ];
  if (fields.some((field) => field.includes('\0'))) {
    throw new Error('Arguments and environment must not hold zero bytes');
  }
  return fields;
}

function confinementFields(confinement: Confinement): string[] {
  const { clone, enter, cgroups, steps, root, capabilities, seccomp } = confinement;
  return [
    ...optional('N', clone || undefined),
    ...(enter?.flags ? [`E${enter.pid}:${enter.flags}`] : []),
    ...(cgroups ?? []).map((directory) => `c${directory}`),
    ...(steps ?? []).flatMap(stepFields),
    ...optional('r', root),
    ...(capabilities ? [`k${capabilityText(capabilities)}`] : []),
    ...(seccomp ? [`s${Buffer.from(seccomp).toString('hex')}`] : []),
    ...(confinement.noNewPrivileges ? ['n'] : []),
  ];
}

function optional(letter: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`${letter}${value}`];
}

function stepFields(step: FileStep): string[] {
  const target = placeFields('>]', step.target);
  switch (step.kind) {
    case 'mount':
      return [...mountFields(step.mount), ...target];
    case 'mask':
      return ['K', ...target];
    case 'symlink':
      return ['S', ...target, `<${step.to}`];
    case 'rename':
      return ['R', ...target, ...placeFields('<[', step.from)];
    case 'mkdir':
      return [`D${step.recursive ? 1 : 0}`, ...target];
  }
}

function mountFields({ source, type, flags, options }: MountDetails): string[] {
  // Flags are bits of an unsigned number; JavaScript's bitwise operators may have signed it.
  return [
    `M${flags >>> 0}`,
    ...(source ? placeFields('<[', source) : []),
    ...optional('y', type),
    ...optional('x', options),
  ];
}

function placeFields(letters: string, { path, root }: Place): string[] {
  return [`${letters[0]}${path}`, ...optional(letters[1] ?? '', root)];
}

function capabilityText({ bounding, effective }: CapabilitySets): string {
  return `${bounding.toString(16)}:${effective === undefined ? '-' : effective.toString(16)}`;
}

function limitText(limit: ResourceLimit): string {
  return `${limit.resource}:${limit.soft ?? '-'}:${limit.hard ?? '-'}:${limit.name}`;
}

function userText(user: UserIds): string {
  return `${user.uid}:${[user.gid, ...user.groups].join(',')}`;
}

/** Cuts a stream of bytes into answers. */
export function createAnswerReader(receive: (answer: Answer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const size = rest.readUInt32LE();
      if (rest.length < 4 + size) return;
      const [kind = '', sequence = '', text = ''] = rest.toString('utf8', 4, 4 + size).split('\0');
      rest = rest.subarray(4 + size);
      receive({ kind, sequence, text });
    }
  };
}
