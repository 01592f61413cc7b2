import type { Call, Event } from '@mesita/sdk/types/scheduler';
import { parse, stringify } from '../wire/json.ts';
import { decode, encode } from '../wire/protobuf.ts';
import * as schema from '../wire/schema/scheduler.ts';

export type ContentType = 'json' | 'protobuf';

export interface Codec {
  readonly mediaType: string;
  encode(call: Call): string | Uint8Array;
  /** Throws DecodeError. */
  decode(record: Uint8Array): Event;
}

export function codecOf(contentType: ContentType): Codec {
  if (contentType === 'json') {
    return {
      mediaType: 'application/json',
      encode: (call) => stringify(schema.Call, call),
      decode: (record) => parse(schema.Event, new TextDecoder().decode(record)),
    };
  }
  return {
    mediaType: 'application/x-protobuf',
    encode: (call) => encode(schema.Call, call),
    decode: (record) => decode(schema.Event, record),
  };
}
