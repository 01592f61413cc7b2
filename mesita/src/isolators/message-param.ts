import { err, ok } from '@mesita/sdk/base';
import { param } from '@mesita/sdk/module';
import type { MessageSchema } from '../wire/descriptor.ts';
import { fromJson } from '../wire/json.ts';

/** A flag that is a message in Mesos' JSON. */
export function messageParam<T>(schema: MessageSchema<T>) {
  return param.json<T>((value) => {
    try {
      return ok(fromJson(schema, value));
    } catch (error) {
      return err(error instanceof Error ? error.message : String(error));
    }
  });
}
