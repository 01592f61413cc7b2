import { type Call, type Codec, type Shape, ShapeError, snakeCase } from '@mesita/sdk/module/calls';
import { jsonCodecs, plainCodecs } from './codecs.ts';

/** How arguments and results look while they cross. Reading throws a ShapeError. */
export interface Dialect {
  packArgs(call: Call, args: readonly unknown[]): unknown;
  unpackArgs(call: Call, packed: unknown): unknown[];
  packResult(call: Call, result: unknown): unknown;
  unpackResult(call: Call, packed: unknown): unknown;
}

interface Argument {
  readonly name: string;
  readonly codec: Codec;
}

function createDialect(
  codecOf: (shape: Shape) => Codec,
  pack: (args: readonly Argument[], values: readonly unknown[]) => unknown,
  memberOf: (packed: unknown, name: string, index: number) => unknown,
): Dialect {
  const known = new Map<Call, readonly Argument[]>();
  const argumentsOf = (call: Call): readonly Argument[] => {
    const args =
      known.get(call) ??
      Object.entries(call.args).map(([name, shape]) => ({
        name: snakeCase(name),
        codec: codecOf(shape),
      }));
    known.set(call, args);
    return args;
  };
  return {
    packArgs: (call, values) => pack(argumentsOf(call), values),
    unpackArgs: (call, packed) =>
      argumentsOf(call).map(({ name, codec }, index) => {
        try {
          return codec.read(memberOf(packed, name, index));
        } catch (error) {
          throw new ShapeError(`${name}: ${(error as Error).message}`);
        }
      }),
    packResult: (call, result) => codecOf(call.result).write(result),
    unpackResult: (call, packed) => codecOf(call.result).read(packed),
  };
}

/** For structured clone: arguments by position. */
export const plainDialect = createDialect(
  plainCodecs,
  (args, values) =>
    args.map(({ codec }, index) => {
      const value = values[index];
      return value === undefined ? undefined : codec.write(value);
    }),
  (packed, _name, index) => (Array.isArray(packed) ? packed[index] : undefined),
);

/** For programs: arguments by name. */
export const jsonDialect = createDialect(
  jsonCodecs,
  (args, values) => {
    const packed: Record<string, unknown> = {};
    args.forEach(({ name, codec }, index) => {
      const value = values[index];
      if (value !== undefined) packed[name] = codec.write(value);
    });
    return packed;
  },
  (packed, name) =>
    typeof packed === 'object' && packed !== null && Object.hasOwn(packed, name)
      ? (packed as Readonly<Record<string, unknown>>)[name]
      : undefined,
);
