import type { AnyParam, ValueOf } from '@mesita/sdk/module';

/** One flag of a daemon. */
export interface Flag<P extends AnyParam = AnyParam> {
  readonly param: P;
  /** Heading in the help. */
  readonly group: string;
  /** An old name: it still works, with a warning, and `/flags` shows the name that was used. */
  readonly alias?: string;
  /**
   * False while what the flag asks for is not built: it is then refused unless it says its
   * default. Nothing an operator asks for is ever ignored in silence.
   */
  readonly supported: boolean;
  /** Why there is nothing here that it could set: whoever sets it is told so in the log. */
  readonly effectless?: string;
  /** Mesos knows it only in builds with this option: `/flags` shows it when set, not by default. */
  readonly build?: string;
  /** Called after all flags were read; answers what is wrong with the value. */
  readonly check?: (value: NonNullable<ValueOf<P>>) => string | undefined;
}

export type FlagSpec = Readonly<Record<string, Flag>>;

interface FlagOptions<P extends AnyParam> {
  readonly alias?: string;
  readonly supported?: boolean;
  readonly effectless?: string;
  readonly build?: string;
  readonly check?: (value: NonNullable<ValueOf<P>>) => string | undefined;
}

type Ungrouped<P extends AnyParam = AnyParam> = Omit<Flag<P>, 'group'>;

export function flag<P extends AnyParam>(param: P, options: FlagOptions<P> = {}): Ungrouped<P> {
  return { param, supported: true, ...options };
}

/** Puts flags under a heading of the help. */
export function group<const Members extends Readonly<Record<string, Ungrouped>>>(
  title: string,
  members: Members,
): { readonly [Name in keyof Members]: Flag<Members[Name]['param']> } {
  const flags: Record<string, Flag> = {};
  for (const [name, member] of Object.entries(members)) flags[name] = { ...member, group: title };
  return flags as { readonly [Name in keyof Members]: Flag<Members[Name]['param']> };
}

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** What loading yields: `agent_ping_timeout` is `agentPingTimeout` here. */
export type FlagValues<Spec extends FlagSpec> = {
  readonly [Name in keyof Spec & string as Camel<Name>]: ValueOf<Spec[Name]['param']>;
};

export function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
