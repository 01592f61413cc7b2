import type { ForkSpec, ResourceLimit, UserIds } from './forker.ts';
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
  ];
  if (fields.some((field) => field.includes('\0'))) {
    throw new Error('Arguments and environment must not hold zero bytes');
  }
  return fields;
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
