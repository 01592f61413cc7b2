// Messages taken from the wire between the daemons, schedulers and executors of a real Mesos. A
// capture holds a message as text, and how many bytes it had.
import { readFileSync } from 'node:fs';
import type { Field, MessageSchema } from '../descriptor.ts';
import * as agent from '../schema/agent.ts';
import * as executor from '../schema/executor.ts';
import * as internal from '../schema/internal.ts';
import * as mesos from '../schema/mesos.ts';
import * as scheduler from '../schema/scheduler.ts';
import * as v0 from '../schema/v0-scheduler.ts';
import { withCheckpoint } from '../v0.ts';

type Loose = Record<string, unknown>;

interface Capture {
  readonly name: string;
  readonly schema: MessageSchema<Loose>;
  /** Length of the binary form. */
  readonly size: number;
  /** Lines of the request's head, where it was a libprocess message. */
  readonly head: readonly string[];
  readonly text: readonly string[];
  readonly message: Loose;
}

const schemas = new Map<string, MessageSchema<Loose>>();
for (const module of [agent, executor, internal, scheduler, v0])
  for (const schema of Object.values(module))
    if (schema.kind === 'message') schemas.set(schema.name, schema as MessageSchema<Loose>);

export const captures: readonly Capture[] = readFileSync(
  new URL('../testdata/captures.txt', import.meta.url),
  'utf8',
)
  .split(/^==== /m)
  .slice(1)
  .map(readCapture);

function readCapture(capture: string): Capture {
  const [title = '', ...lines] = capture.trimEnd().split('\n');
  const [name = '', size = ''] = title.split(' ');
  const blank = lines.indexOf('');
  const schema = schemas.get(name) as MessageSchema<Loose>;
  const text = lines.slice(blank + 1);
  const message = readText(schema, text.slice().reverse());
  return { name, schema, size: Number(size), head: lines.slice(0, blank), text, message };
}

/** Agents are agents in the model, whatever the wire calls them. */
export function inModelWords(text: string): string {
  return text.replaceAll('slave', 'agent').replaceAll('SLAVE', 'AGENT');
}

/** Reads fields up to the brace that closes them; the next line is the last. */
function readText(schema: MessageSchema<unknown>, lines: string[]): Loose {
  let message: Loose = {};
  for (
    let line = lines.pop()?.trim();
    line !== undefined && line !== '}';
    line = lines.pop()?.trim()
  ) {
    const [, name = '', rest = ''] = /^(\w+):? (.*)$/.exec(line) ?? [];
    const field = schema.byName.get(name) ?? schema.byName.get(inModelWords(name));
    if (field) set(field, message, rest === '{' ? readPart(field, lines) : readScalar(field, rest));
    else {
      if (schema !== mesos.AgentInfo || !/^(checkpoint: true|7: 1)$/.test(line))
        throw new Error(`${schema.name} has no field for '${line}'`);
      message = withCheckpoint(message as never) as never;
    }
  }
  return message;
}

function set(field: Field, message: Loose, value: unknown): void {
  if (field.label === 'repeated')
    message[field.property] = [...((message[field.property] as unknown[]) ?? []), value];
  else if (field.label === 'map')
    message[field.property] = { ...(message[field.property] as Loose), ...(value as Loose) };
  else message[field.property] = value;
}

function readPart(field: Field, lines: string[]): unknown {
  if (field.label !== 'map') return readText(field.type as MessageSchema<unknown>, lines);
  const key = /key: "(.*)"/.exec(lines.pop() ?? '')?.[1] as string;
  lines.pop();
  const value = readText(field.type as MessageSchema<unknown>, lines);
  lines.pop();
  return { [key]: value };
}

function readScalar({ type, big }: Field, text: string): unknown {
  if (type === 'string') return new TextDecoder().decode(unquote(text));
  if (type === 'bytes') return unquote(text);
  if (type === 'bool') return text === 'true';
  if (typeof type === 'object') return inModelWords(text);
  return big ? BigInt(text) : Number(text);
}

function unquote(text: string): Uint8Array {
  const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
  const plain = text
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (letters[code] ?? code),
    );
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
