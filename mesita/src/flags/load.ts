import { err, ok, type Result } from '@mesita/sdk/base';
import { camelCase, type Flag, type FlagSpec, type FlagValues } from './flag.ts';
import { suggest } from './suggest.ts';

/** Where values come from. Nothing else is looked at. */
export interface Source {
  /** Without the program's name. Whatever does not start with `--` is skipped, as is all after `--`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `MESOS_` or `LIBPROCESS_`; a flag `x` is read from `<prefix>X` or `<prefix>x`. */
  readonly prefix?: string;
  /** For `file://` values. The error is the system's text: `No such file or directory`. */
  readonly readFile: (path: string) => Result<string>;
  /** Texts for flags whose default depends on the host. */
  readonly defaults?: Readonly<Record<string, string>>;
}

export interface Loaded<Values> {
  readonly values: Values;
  /** What `/flags` answers: every flag that has a value, by the name it was given by. */
  readonly shown: ReadonlyMap<string, string>;
  /** Flag → the file that held its value, where one did. */
  readonly files: ReadonlyMap<string, string>;
  /** To be logged once logging works. */
  readonly warnings: readonly string[];
  /** Flags that ask for something which is not built. */
  readonly unsupported: readonly string[];
}

export interface LoadError {
  readonly message: string;
  /** The flag that was probably meant. */
  readonly suggestion?: string;
}

/** A flag as it was given: its name in lower case, with `no-` if so, and what followed `=`. */
interface Given {
  readonly name: string;
  readonly text: string | undefined;
}

interface Read {
  readonly value: unknown;
  readonly loadedName: string;
  readonly shown: string;
  readonly file: string | undefined;
}

/**
 * Reads flags as Mesos does, with its texts: sorted by name, the first error wins; then required
 * flags and each flag's own check, sorted by name too.
 */
export function load<Spec extends FlagSpec>(
  spec: Spec,
  source: Source,
): Result<Loaded<FlagValues<Spec>>, LoadError> {
  const warnings: string[] = [];
  const read = new Map<string, Read>();
  for (const given of givenFlags(spec, source)) {
    const failure = readFlag(spec, source, given, read, warnings);
    if (failure !== undefined) return err(failure);
  }

  const values: Record<string, unknown> = {};
  const shown = new Map<string, string>();
  const unsupported: string[] = [];
  const files = new Map<string, string>();
  for (const name of Object.keys(spec).sort()) {
    const flag = spec[name]!;
    const found = read.get(name);
    if (found === undefined && flag.param.required) {
      return err({ message: `Flag '${name}' is required, but it was not provided` });
    }
    const fallback = defaultOf(flag, source.defaults?.[name]);
    const value = found === undefined ? fallback : found.value;
    values[camelCase(name)] = value;
    if (value === undefined) continue;
    const failure = flag.check?.(value as never);
    if (failure !== undefined) return err({ message: failure });
    if (found !== undefined) {
      if (found.file !== undefined) files.set(name, found.file);
      shown.set(found.loadedName, found.shown);
      const isDefault = fallback !== undefined && flag.param.format(fallback) === found.shown;
      if (!flag.supported && !isDefault) unsupported.push(name);
      if (flag.effectless !== undefined && !isDefault) {
        warnings.push(`Flag '${name}' has no effect: ${flag.effectless}`);
      }
    } else if (flag.build === undefined) shown.set(name, flag.param.format(value));
  }
  return ok({ values: values as FlagValues<Spec>, shown, files, warnings, unsupported });
}

/** Sorted by name; flags of one name keep their order. The command line wins over the environment. */
function givenFlags(spec: FlagSpec, source: Source): readonly Given[] {
  const given: Given[] = [];
  for (const argument of source.argv) {
    const text = argument.trim();
    if (text === '--') break;
    if (!text.startsWith('--')) continue;
    const equals = text.indexOf('=');
    const name = text.slice(2, equals < 0 ? undefined : equals).toLowerCase();
    given.push({ name, text: equals < 0 ? undefined : text.slice(equals + 1) });
  }
  const onCommandLine = new Set(given.map(({ name }) => name));
  for (const [name, text] of environmentFlags(spec, source)) {
    if (!onCommandLine.has(name)) given.push({ name, text });
  }
  return given.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Variables of unknown flags are nobody's business: other programs use the prefix too. */
function environmentFlags(spec: FlagSpec, source: Source): ReadonlyMap<string, string> {
  const { prefix, env } = source;
  const found = new Map<string, string>();
  if (prefix === undefined) return found;
  for (const [key, text] of Object.entries(env)) {
    if (text === undefined || !key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length).toLowerCase();
    if (findFlag(spec, name.replace(/^no-/, '')) !== undefined) found.set(name, text);
  }
  return found;
}

function findFlag(spec: FlagSpec, name: string): [string, Flag] | undefined {
  if (Object.hasOwn(spec, name)) return [name, spec[name]!];
  return Object.entries(spec).find(([, flag]) => flag.alias === name);
}

function readFlag(
  spec: FlagSpec,
  source: Source,
  given: Given,
  read: Map<string, Read>,
  warnings: string[],
): LoadError | undefined {
  const isNegated = given.name.startsWith('no-');
  const name = isNegated ? given.name.slice(3) : given.name;
  const found = findFlag(spec, name);
  if (found === undefined) return unknownFlag(spec, name, isNegated ? given.name : undefined);
  const [flagName, flag] = found;

  const earlier = read.get(flagName);
  if (earlier !== undefined) {
    return { message: `Flag '${name}' is already loaded via name '${earlier.loadedName}'` };
  }
  const text = textOf(flag, name, given, isNegated);
  if (!text.ok) return { message: text.error };
  const loaded = parseText(flag, text.value, source, warnings);
  if (!loaded.ok) {
    const isSecret = flag.param.type === 'secret' && !text.value.startsWith('file://');
    const shown = isSecret ? '' : `Failed to load value '${text.value}': `;
    return { message: `Failed to load flag '${name}': ${shown}${loaded.error}` };
  }
  read.set(flagName, { loadedName: name, ...loaded.value });
  if (name === flag.alias) warnings.push(`Loaded deprecated flag '${name}'`);
  return undefined;
}

function unknownFlag(spec: FlagSpec, name: string, via: string | undefined): LoadError {
  const message = `Failed to load unknown flag '${name}'${via === undefined ? '' : ` via '${via}'`}`;
  const suggestion = suggest(name, Object.keys(spec));
  return suggestion === undefined ? { message } : { message, suggestion };
}

function textOf(flag: Flag, name: string, given: Given, isNegated: boolean): Result<string> {
  if (flag.param.type !== 'bool') {
    if (isNegated) return err(`Failed to load non-boolean flag '${name}' via '${given.name}'`);
    if (given.text === undefined) {
      return err(`Failed to load non-boolean flag '${name}': Missing value`);
    }
    return ok(given.text);
  }
  if (given.text === undefined || given.text === '') return ok(isNegated ? 'false' : 'true');
  if (!isNegated) return ok(given.text);
  return err(
    `Failed to load boolean flag '${name}' via '${given.name}' with value '${given.text}'`,
  );
}

const ABSOLUTE_PATH_WARNING =
  "Specifying an absolute filename to read a command line option out of without using 'file:// is deprecated and will be removed in a future release. Simply adding 'file://' to the beginning of the path should eliminate this warning.";

function parseText(
  { param }: Flag,
  text: string,
  source: Source,
  warnings: string[],
): Result<Omit<Read, 'loadedName'>> {
  const path = filePath(param.type, text);
  if (path === undefined) {
    const parsed = param.parse(text);
    if (!parsed.ok) return parsed;
    return ok({ value: parsed.value, shown: param.format(parsed.value), file: undefined });
  }
  if (path === text) warnings.push(ABSOLUTE_PATH_WARNING);
  const content = source.readFile(path);
  if (!content.ok) return err(`Error reading file '${path}': ${content.error}`);
  const parsed = param.parse(content.value);
  if (!parsed.ok) return parsed;
  // A secret that lies in a file is shown as the file.
  const shown = param.type === 'secret' ? path : param.format(parsed.value);
  return ok({ value: parsed.value, shown, file: path });
}

/** The file that holds the value, where the text is not the value itself. */
function filePath(type: Flag['param']['type'], text: string): string | undefined {
  if (type === 'path') return undefined;
  if (text.startsWith('file://')) return text.slice('file://'.length);
  return type === 'json' && text.startsWith('/') ? text : undefined;
}

/** Host-dependent defaults are our own texts: one that does not parse is a bug. */
function defaultOf({ param }: Flag, text: string | undefined): unknown {
  if (text === undefined) return param.default;
  const parsed = param.parse(text);
  if (!parsed.ok) throw new Error(`bad default '${text}': ${parsed.error}`);
  return parsed.value;
}
