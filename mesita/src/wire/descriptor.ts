// What the generated tables in schema/ are made of. One table serves every codec.

export type ScalarKind =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes';

type Label = 'required' | 'optional' | 'repeated' | 'map';

export interface EnumSchema<T extends string = string> {
  readonly kind: 'enum';
  readonly numbers: Readonly<Record<T, number>>;
  readonly names: ReadonlyMap<number, T>;
}

interface FieldExtras {
  /** Property of the message where it is not the camel-cased field name. */
  readonly property?: string;
  /** Default that the schema states. */
  readonly default?: string | number | bigint | boolean;
  readonly deprecated?: boolean;
  readonly oneof?: string;
  /** A 64-bit integer kept as bigint. */
  readonly big?: boolean;
}

export interface Field extends FieldExtras {
  readonly number: number;
  /** Name on the wire's JSON: the schema's own, snake case. */
  readonly name: string;
  readonly property: string;
  readonly label: Label;
  /** Type of the field, of its elements, or of a map's values (keys are strings). */
  readonly type: ScalarKind | EnumSchema | MessageSchema<unknown>;
}

/** Number, name, label, type. */
type FieldRow = readonly [
  number,
  string,
  Label,
  ScalarKind | EnumSchema | MessageSchema<unknown>,
  FieldExtras?,
];

export interface MessageSchema<T> {
  readonly kind: 'message';
  /** `mesos.v1.TaskInfo`. */
  readonly name: string;
  /** In the order of their numbers; made at the first use, so that schemas may refer to each other. */
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
  readonly byName: ReadonlyMap<string, Field>;
  /** Never present: carries T for inference. */
  readonly $type?: T;
}

export function enumeration<T extends string>(numbers: Record<T, number>): EnumSchema<T> {
  const names = new Map<number, T>();
  for (const name in numbers) if (!names.has(numbers[name])) names.set(numbers[name], name);
  return { kind: 'enum', numbers, names };
}

export function message<T>(name: string, rows: () => readonly FieldRow[]): MessageSchema<T> {
  let fields: readonly Field[] | undefined;
  let byNumber: Map<number, Field> | undefined;
  let byName: Map<string, Field> | undefined;
  return {
    kind: 'message',
    name,
    get fields() {
      fields ??= rows().map(toField);
      return fields;
    },
    get byNumber() {
      byNumber ??= new Map(this.fields.map((f) => [f.number, f]));
      return byNumber;
    },
    get byName() {
      byName ??= new Map(this.fields.map((f) => [f.name, f]));
      return byName;
    },
  };
}

function toField([number, name, label, type, extras]: FieldRow): Field {
  const property = name.replace(/_([a-zA-Z0-9])/g, (_, c: string) => c.toUpperCase());
  return { number, name, property, label, type: type as Field['type'], ...extras };
}
