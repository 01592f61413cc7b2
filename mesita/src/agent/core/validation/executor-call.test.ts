import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromJson } from '../../../wire/json.ts';
import * as schema from '../../../wire/schema/executor.ts';
import { validateExecutorCall } from './executor-call.ts';

interface Row {
  readonly id: string;
  readonly call: unknown;
  readonly error: string | null;
}

const rows: Row[] = JSON.parse(
  readFileSync(new URL('./testdata/executor-calls.json', import.meta.url), 'utf8'),
);

test.each(rows)('a call is refused as by the real agent: $id', ({ call, error }) => {
  const result = validateExecutorCall(fromJson(schema.Call, call));
  expect(result.ok ? null : result.error).toBe(error);
});
