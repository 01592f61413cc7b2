// The forms in which calls cross from one home to another.
import { type Codec, createCodecs, type Form, ShapeError } from '@mesita/sdk/module/calls';
import type { Field, MessageSchema } from '../../wire/descriptor.ts';
import type { DecodeError } from '../../wire/errors.ts';
import { fromJson, toJson } from '../../wire/json.ts';
import * as authorizer from '../../wire/schema/authorizer.ts';
import * as containerizer from '../../wire/schema/containerizer.ts';
import * as hook from '../../wire/schema/hook.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import * as scheduler from '../../wire/schema/scheduler.ts';
import { checkMessage } from './check-message.ts';

const schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ...{ authorizer, containerizer, hook, mesos, scheduler },
};

/** By the name that the calls' tables use: `mesos.TaskInfo`. A wrong one is a bug of the table. */
export function schemaOf(name: string): MessageSchema<unknown> {
  const [file = '', message = ''] = name.split('.');
  const schema = schemas[file]?.[message];
  if (schema === undefined) throw new Error(`No message '${name}'`);
  return schema as MessageSchema<unknown>;
}

function checkedMessage(name: string, isPartial: boolean): Codec {
  const schema = schemaOf(name);
  return {
    write: (value) => value,
    read(value) {
      checkMessage(schema, value, isPartial);
      return value;
    },
  };
}

function jsonMessage(name: string, isPartial: boolean): Codec {
  const whole = schemaOf(name);
  const schema = isPartial ? withoutRequired(whole) : whole;
  return {
    write: (value) => toJson(whole, value),
    read(value) {
      try {
        return fromJson(schema, value);
      } catch (error) {
        throw new ShapeError((error as DecodeError).message);
      }
    },
  };
}

function withoutRequired(schema: MessageSchema<unknown>): MessageSchema<unknown> {
  const fields = schema.fields.map((field) => ({ ...field, label: loosen(field.label) }));
  return {
    kind: 'message',
    name: schema.name,
    fields,
    byNumber: new Map(fields.map((field) => [field.number, field])),
    byName: new Map(fields.map((field) => [field.name, field])),
  };
}

function loosen(label: Field['label']): Field['label'] {
  return label === 'required' ? 'optional' : label;
}

const jsonBytes: Codec = {
  write: (value) => Buffer.from(value as Uint8Array).toString('base64'),
  read(value) {
    if (typeof value !== 'string') throw new ShapeError('Expecting base64 text');
    return new Uint8Array(Buffer.from(value, 'base64'));
  },
};

const forms: Readonly<Record<Form['kind'], Form>> = {
  live: { kind: 'live', message: checkedMessage },
  plain: { kind: 'plain', message: checkedMessage },
  json: { kind: 'json', message: jsonMessage, bytes: jsonBytes },
};

/** In the daemon's own memory: nothing is converted, everything checked. */
export const liveCodecs = createCodecs(forms.live);
/** For what structured clone copies: worker threads and processes of Node. */
export const plainCodecs = createCodecs(forms.plain);
/** For programs in any language. */
export const jsonCodecs = createCodecs(forms.json);
