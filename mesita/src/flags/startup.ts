import type { FlagSpec, FlagValues } from './flag.ts';
import { formatHelp, type Usage } from './help.ts';
import { type AddressFlags, type LibprocessValues, loadAddresses } from './libprocess.ts';
import { type LoadError, type Loaded, load, type Source } from './load.ts';

/** Looks at several flags together; answers what is wrong. `warn` may be called any number of times. */
export type Check<Values> = (
  values: Values,
  warn: (text: string) => void,
  readFile: Source['readFile'],
) => string | undefined;

export interface Program<Spec extends FlagSpec> extends Usage {
  readonly prefix: string;
  readonly spec: Spec;
  /** In the order in which Mesos looks; the first complaint ends the start. */
  readonly checks: readonly Check<FlagValues<Spec>>[];
}

/** What a daemon does with its command line: go on, or print something and leave. */
export type Startup<Values> =
  | (Loaded<Values> & { readonly kind: 'run'; readonly addresses: LibprocessValues })
  | {
      readonly kind: 'exit';
      readonly status: number;
      readonly stdout: string;
      readonly stderr: string;
    };

/** `version` is what `--version` prints after `mesos`. */
export function startUp<Spec extends FlagSpec>(
  program: Program<Spec>,
  source: Source,
  version: string,
): Startup<FlagValues<Spec>> {
  if (asks(source.argv, 'help')) return leave(0, formatHelp(program, program.spec));
  if (asks(source.argv, 'version')) return leave(0, `mesos ${version}\n`);

  const loaded = load(program.spec, { ...source, prefix: program.prefix });
  if (!loaded.ok) return refuse(program.name, loaded.error);
  const { values } = loaded.value;
  const addresses = loadAddresses(values as unknown as AddressFlags, source);
  if (!addresses.ok) return refuse(program.name, addresses.error);
  const warnings = [...loaded.value.warnings, ...addresses.value.warnings];
  for (const check of program.checks) {
    const complaint = check(values, (text) => warnings.push(text), source.readFile);
    if (complaint !== undefined) return leave(1, '', `EXIT with status 1: ${complaint}\n`);
  }
  const [unsupported] = loaded.value.unsupported;
  if (unsupported !== undefined) {
    return refuse(program.name, { message: `Flag '${unsupported}' is not supported yet` });
  }
  return { ...loaded.value, kind: 'run', warnings, addresses: addresses.value.values };
}

function leave(status: number, stdout: string, stderr = ''): Startup<never> {
  return { kind: 'exit', status, stdout, stderr };
}

function refuse(name: string, { message, suggestion }: LoadError): Startup<never> {
  const hint = suggestion === undefined ? '' : `Did you mean --${suggestion}?\n`;
  return leave(
    1,
    '',
    `${message}\n\n${hint}See \`${name} --help\` for a list of supported flags.\n`,
  );
}

/** Help is for those whose other flags are wrong, so it is looked for before anything is read. */
function asks(argv: readonly string[], name: 'help' | 'version'): boolean {
  const end = argv.indexOf('--');
  const flags = end < 0 ? argv : argv.slice(0, end);
  return [`--${name}`, `--${name}=true`, `--${name}=1`].some((form) => flags.includes(form));
}
