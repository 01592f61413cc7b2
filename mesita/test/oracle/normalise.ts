// Volatile values become numbered placeholders, so that two clusters' answers can be compared.

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const volatileNumber =
  /(^|_)(time|timestamp|mtime)$|_time_seconds$|^(nanoseconds|start_time|elected_time|registered_time|reregistered_time|unregistered_time|timestamp|build_time|mtime|inode|avg_load_.*|mem_(total|free)_bytes|uptime_secs)$/;
const paths =
  /\/(?:tmp|root|home|usr\/(?:local\/)?(?:libexec|share)|dev\/shm)(?:\/[^\s"'\\<>,;:)\]]*(?:<[A-Z_0-9]+>|\{\{[a-z_0-9]+\}\})?)*/g;
const buildKeys = new Set(['build_date', 'build_user', 'git_sha', 'git_branch', 'git_tag']);
const uuidKeys = new Set(['uuid', 'operation_uuid', 'resource_version_uuid']);

interface NormaliserOptions {
  /** Port number → `MASTER_PORT` or `AGENT_PORT`. */
  readonly ports: ReadonlyMap<number, string>;
  /** Captured values, which go back to their `{{name}}`. */
  readonly variables: ReadonlyMap<string, string>;
  readonly version: string;
}

export interface Normaliser {
  text(text: string): string;
  value(value: unknown, key?: string): unknown;
}

/** A new one for each answer: placeholders are numbered in the order of their appearance. */
export function createNormaliser({ ports, variables, version }: NormaliserOptions): Normaliser {
  const seen = new Map<string, string>();
  const counts = new Map<string, number>();
  const fixed = [...variables].sort((a, b) => b[1].length - a[1].length);

  function placeholder(kind: string, literal: string): string {
    let known = seen.get(literal);
    if (!known) {
      const n = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, n);
      known = `<${kind}_${n}>`;
      seen.set(literal, known);
    }
    return known;
  }

  function text(input: string): string {
    let t = input;
    for (const [name, literal] of fixed) if (literal) t = t.replaceAll(literal, `{{${name}}}`);
    t = t.replace(new RegExp(`${uuid}-S\\d+`, 'g'), (m) => placeholder('AGENT', m));
    t = t.replace(new RegExp(`${uuid}-O\\d+`, 'g'), (m) => placeholder('OFFER', m));
    t = t.replace(new RegExp(`${uuid}-\\d{4}\\b`, 'g'), (m) => placeholder('FRAMEWORK', m));
    t = t.replace(new RegExp(uuid, 'g'), (m) => placeholder('UUID', m));
    for (const [port, name] of ports)
      t = t.replace(new RegExp(`(?<![0-9.])${port}(?!\\d)`, 'g'), `<${name}>`);
    t = t.replace(paths, '<PATH>');
    t = t.replace(
      /mesos-(?:master|agent|slave)\.[\w.-]+?\.log\.(?:INFO|WARNING|ERROR)\.[\d.-]+/g,
      '<LOG_FILE>',
    );
    t = t.replace(/Log file created at: [^\n]*[\s\S]*/g, '<LOG_TEXT>');
    return t.replaceAll(version, '<VERSION>');
  }

  function number(value: number, key: string): unknown {
    const magnitude = Math.abs(value);
    if (volatileNumber.test(key)) {
      const large = magnitude > (key === 'nanoseconds' ? 1e16 : 1e8);
      if (large || /^(avg|mem_|uptime)/.test(key)) return '<NUM>';
    }
    if (key === 'port' && ports.has(value)) return `<${ports.get(value)}>`;
    if (key === 'port' && value > 30000) return '<PORT>';
    if (key === 'ip') return '<IP_NUM>';
    return value;
  }

  function member(key: string, value: unknown): unknown {
    if (uuidKeys.has(key) && isObject(value) && String(value.value ?? '').length === 24)
      return { value: '<B64_UUID>' };
    if (key === 'uuid' && typeof value === 'string')
      return value.length === 24 ? '<B64_UUID>' : value;
    if (key === 'executor_pid') return '<PID>';
    if (buildKeys.has(key)) return '<BUILD>';
    return normalise(value, key);
  }

  function normalise(value: unknown, key = ''): unknown {
    if (Array.isArray(value)) return value.map((v) => normalise(v, key));
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [text(k), member(k, v)]));
    if (typeof value === 'string') return /^(uid|gid|user)$/.test(key) ? '<USER>' : text(value);
    return typeof value === 'number' ? number(value, key) : value;
  }

  return { text, value: normalise };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Types instead of values; the elements of an array are merged into one when they are objects. */
export function shapeOf(value: unknown): unknown {
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, shapeOf(v)]));
  if (Array.isArray(value)) {
    const shapes: unknown[] = [];
    for (const item of value.map(shapeOf))
      if (!shapes.some((s) => JSON.stringify(s) === JSON.stringify(item))) shapes.push(item);
    if (shapes.length > 1 && shapes.every(isObject)) return [mergeShapes(shapes)];
    return shapes.slice(0, 4);
  }
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

function mergeShapes(shapes: readonly Record<string, unknown>[]): Record<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const shape of shapes)
    for (const [k, v] of Object.entries(shape)) if (!merged.has(k)) merged.set(k, v);
  return Object.fromEntries(
    [...merged].map(([k, v]) => [shapes.every((s) => k in s) ? k : `${k}?`, v]),
  );
}
