// JSON Schema of what daemons and programs say to each other, from the tables of the kinds' calls.
import {
  type Call,
  calls,
  commonCalls,
  type KindCalls,
  type Shape,
  snakeCase,
} from '@mesita/sdk/module/calls';
import { schemaOf } from '../../mesita/src/modules/homes/codecs.ts';
import type { Field, MessageSchema } from '../../mesita/src/wire/descriptor.ts';

type Json = Readonly<Record<string, unknown>>;
type Messages = Map<string, MessageSchema<unknown>>;

const folder = 'docs/module-protocol';
const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** Path → text: one file for each kind, one for what all modules share, one for Mesos' messages. */
export function moduleSchemas(): [path: string, text: string][] {
  const messages: Messages = new Map();
  const files: [string, Json][] = Object.entries(calls).map(([kind, table]) => [
    kind,
    describeKind(kind, table, messages),
  ]);
  files.push(['Module', describeKind('Module', commonCalls, messages)]);
  files.push(['messages', describeMessages(messages)]);
  return files.map(([name, schema]) => [
    `${folder}/${name}.schema.json`,
    `${JSON.stringify(schema, undefined, 1)}\n`,
  ]);
}

function describeKind(kind: string, table: KindCalls, messages: Messages): Json {
  const groups = [
    ['methods', table.methods],
    ['callbacks', table.callbacks],
  ] as const;
  const definitions: Record<string, Json> = {};
  for (const [group, members] of groups) {
    for (const [name, call] of Object.entries(members)) {
      definitions[`${group}.${name}.args`] = describeObject(call.args, messages);
      if (call.sort !== 'notification') {
        definitions[`${group}.${name}.result`] = describe(call.result, messages);
      }
    }
  }
  if (Object.keys(table.properties).length > 0) {
    definitions.properties = describeObject(table.properties, messages);
  }
  return {
    $schema: dialect,
    title: kind,
    description:
      'A call, either way. `methods` are made by the daemon, `callbacks` by the module; ' +
      '`<group>.<method>.result` is what the answer holds.',
    oneOf: groups.flatMap(([group, members]) =>
      Object.entries(members).map(([name, call]) => describeFrame(group, name, call)),
    ),
    $defs: definitions,
  };
}

function describeFrame(group: string, name: string, { sort }: Call): Json {
  const isAnswered = sort !== 'notification';
  return {
    type: 'object',
    properties: {
      ...(isAnswered && { id: { type: 'integer' } }),
      method: { const: name },
      args: { $ref: `#/$defs/${group}.${name}.args` },
    },
    required: [...(isAnswered ? ['id'] : []), 'method', 'args'],
  };
}

function describeObject(fields: Readonly<Record<string, Shape>>, messages: Messages): Json {
  const entries = Object.entries(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, shape]) => [snakeCase(name), describe(shape, messages)]),
    ),
    required: entries
      .filter(([, { type }]) => type !== 'optional' && type !== 'nothing' && type !== 'json')
      .map(([name]) => snakeCase(name)),
  };
}

function describe(shape: Shape, messages: Messages): Json {
  switch (shape.type) {
    case 'text':
      return { type: 'string' };
    case 'number':
    case 'boolean':
      return { type: shape.type };
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64' };
    case 'json':
    case 'nothing':
      return {};
    case 'words':
      return shape.words.length === 0 ? { type: 'string' } : { enum: shape.words };
    case 'message':
      return refer(schemaOf(shape.name), messages);
    case 'resources':
      return { type: 'array', items: refer(schemaOf('mesos.Resource'), messages) };
    case 'quantities':
    case 'limits':
      return {
        type: 'object',
        additionalProperties: refer(schemaOf('mesos.Value_Scalar'), messages),
      };
    case 'object':
      return describeObject(shape.fields, messages);
    case 'list':
    case 'set':
      return {
        type: 'array',
        items: describe(shape.of, messages),
        ...(shape.type === 'set' && { uniqueItems: true }),
      };
    case 'map':
    case 'record':
      return { type: 'object', additionalProperties: describe(shape.of, messages) };
    case 'optional':
      return { anyOf: [describe(shape.of, messages), { type: 'null' }] };
    case 'result':
      return {
        type: 'object',
        properties: { ok: { type: 'boolean' }, error: { type: 'string' } },
        required: ['ok'],
      };
  }
}

function refer(schema: MessageSchema<unknown>, messages: Messages): Json {
  messages.set(schema.name, schema);
  return { $ref: `messages.schema.json#/$defs/${schema.name}` };
}

function describeMessages(messages: Messages): Json {
  const definitions: Record<string, Json> = {};
  // What a message refers to joins the list while it is walked.
  for (const schema of messages.values())
    definitions[schema.name] = describeMessage(schema, messages);
  const sorted = Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    $schema: dialect,
    title: "Mesos' messages, as its JSON writes them",
    $defs: Object.fromEntries(sorted),
  };
}

function describeMessage(schema: MessageSchema<unknown>, messages: Messages): Json {
  const local = (type: Field['type']): Json => {
    if (typeof type === 'string') return describeScalar(type);
    if (type.kind === 'enum') return { enum: Object.keys(type.numbers) };
    messages.set(type.name, type);
    return { $ref: `#/$defs/${type.name}` };
  };
  const required = schema.fields
    .filter(({ label }) => label === 'required')
    .map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(
      schema.fields.map(({ name, label, type }) => {
        const value = local(type);
        if (label === 'repeated') return [name, { type: 'array', items: value }];
        if (label === 'map') return [name, { type: 'object', additionalProperties: value }];
        return [name, value];
      }),
    ),
    ...(required.length > 0 && { required }),
  };
}

function describeScalar(type: string): Json {
  if (type === 'string') return { type: 'string' };
  if (type === 'bytes') return { type: 'string', contentEncoding: 'base64' };
  if (type === 'bool') return { type: 'boolean' };
  return { type: type === 'double' || type === 'float' ? 'number' : 'integer' };
}
