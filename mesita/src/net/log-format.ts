import type { Instant, LogFields } from '@mesita/sdk/base';

export type Severity = 'debug' | 'info' | 'warn' | 'error';

interface LogEntry {
  readonly at: Instant;
  readonly severity: Severity;
  /** The part of the daemon that speaks. */
  readonly name: string;
  readonly text: string;
  readonly fields?: LogFields | undefined;
}

const letters: Readonly<Record<Severity, string>> = {
  debug: 'V',
  info: 'I',
  warn: 'W',
  error: 'E',
};

/** `I0911 12:34:56.789000 4711 master] agent admitted agentId=…`: glog's line, fields at its end. */
export function formatLine({ at, severity, name, text, fields }: LogEntry, pid: number): string {
  const time = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = two(time.getMonth() + 1) + two(time.getDate());
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  const fraction = `${String(time.getMilliseconds()).padStart(3, '0')}000`;
  const prefix = `${letters[severity]}${day} ${clock}.${fraction} ${pid} ${name}]`;
  return `${prefix} ${escapeControls(text)}${formatFields(fields, severity)}\n`;
}

/** The same as one JSON object, for machines. */
export function formatJson({ at, severity, name, text, fields }: LogEntry, pid: number): string {
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields ?? {})) {
    plain[key] = value instanceof Error ? describeError(value, true) : toPlain(key, value);
  }
  const time = new Date(at).toISOString();
  return `${JSON.stringify({ time, severity, pid, name, text, ...plain })}\n`;
}

function formatFields(fields: LogFields | undefined, severity: Severity): string {
  let line = '';
  for (const [key, value] of Object.entries(fields ?? {})) {
    if (value === undefined) continue;
    const plain =
      value instanceof Error ? describeError(value, severity === 'error') : toPlain(key, value);
    const text = typeof plain === 'string' ? plain : (JSON.stringify(plain) ?? 'undefined');
    // What comes from outside is quoted, and so cannot forge a line or a field.
    line += ` ${key}=${/^[\w.,:;@/()<>+*{}[\]-]+$/.test(text) ? text : JSON.stringify(text)}`;
  }
  return line;
}

const secretNames = /secret|password|token|authorization|credential/i;

function toPlain(key: string, value: unknown): unknown {
  if (secretNames.test(key)) return '<hidden>';
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (typeof value !== 'object' || value === null) return value;
  try {
    return JSON.parse(JSON.stringify(value, hideSecrets)) as unknown;
  } catch {
    // A cycle, or a value that no JSON holds.
    return String(value);
  }
}

function hideSecrets(key: string, value: unknown): unknown {
  return secretNames.test(key) ? '<hidden>' : typeof value === 'bigint' ? String(value) : value;
}

const MAX_CAUSES = 8;

/** The message with those of its causes. */
function describeError(error: Error, withStack: boolean): string {
  const messages: string[] = [];
  let next: unknown = error;
  while (next instanceof Error && messages.length < MAX_CAUSES) {
    messages.push(next.message || next.name);
    next = next.cause;
  }
  const text = messages.join(': ');
  const frames = withStack ? (error.stack ?? '').split('\n').slice(1) : [];
  return [text, ...frames].join('\n');
}

function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
  return text.replace(/[\x00-\x1f\x7f]/g, (character) => JSON.stringify(character).slice(1, -1));
}
