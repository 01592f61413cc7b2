import type { Flag, FlagSpec } from './flag.ts';

export interface Usage {
  /** `mesos-master`. */
  readonly name: string;
  readonly summary: string;
  /** Command lines worth copying, each with what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  /** Are flags read from the environment, too? */
  readonly prefix?: string;
}

const WIDTH = 96;
const INDENT = ' '.repeat(6);

/** The whole help: examples first, then flags under their headings. */
export function formatHelp(usage: Usage, spec: FlagSpec): string {
  const lines = [`Usage: ${usage.name} [--flag=value ...]`, '', ...wrap(usage.summary, '')];
  lines.push('', 'Examples:');
  for (const [command, does] of usage.examples) {
    lines.push(`  # ${does}`, `  ${command}`);
  }
  lines.push('', 'A value file://<path> is read from that file.');
  if (usage.prefix !== undefined) {
    lines.push(
      `Each flag can also be set as ${usage.prefix}<NAME> in the environment; the command line wins.`,
    );
  }
  for (const [title, flags] of groupFlags(spec)) {
    lines.push('', `${title}:`);
    for (const [name, flag] of flags) lines.push(...describe(name, flag));
  }
  return `${lines.join('\n')}\n`;
}

function groupFlags(spec: FlagSpec): ReadonlyMap<string, readonly (readonly [string, Flag])[]> {
  const groups = new Map<string, [string, Flag][]>();
  for (const [name, flag] of Object.entries(spec)) {
    const members = groups.get(flag.group);
    if (members === undefined) groups.set(flag.group, [[name, flag]]);
    else members.push([name, flag]);
  }
  return groups;
}

function describe(name: string, flag: Flag): readonly string[] {
  const { param } = flag;
  const form = param.type === 'bool' ? `--[no-]${name}` : `--${name}=${placeholder(flag)}`;
  const notes: string[] = [];
  if (param.required) notes.push('required');
  if (param.default !== undefined) notes.push(`default: ${param.format(param.default) || "''"}`);
  if (flag.alias !== undefined) notes.push(`old name: --${flag.alias}`);
  if (!flag.supported) notes.push('not supported yet');
  const suffix = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return [`  ${form}`, ...wrap(`${param.help}${suffix}`, INDENT)];
}

function placeholder({ param }: Flag): string {
  if (param.choices !== undefined) return `<${param.choices.join('|')}>`;
  return `<${param.type === 'secret' ? 'string' : param.type}>`;
}

function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length > indent.length && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, line];
}
