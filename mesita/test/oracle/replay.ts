// Replays recorded requests against a running pair, in their order, and says what differs.

import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import {
  AnswerTimeout,
  ConnectionClosed,
  header,
  openRaw,
  type RawConnection,
  type RawHead,
} from '../harness/raw-http.ts';
import { type RecordStream, readRecords } from '../harness/record-stream.ts';
import { differences } from './compare.ts';
import { createNormaliser, type Normaliser, shapeOf } from './normalise.ts';

interface RecordedRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly body_b64?: string;
  readonly chunked?: boolean;
  readonly host?: boolean;
  readonly version?: string;
  readonly content_length?: boolean;
  readonly raw?: string;
  readonly raw_b64?: string;
}

export interface Row {
  readonly id: string;
  readonly purpose: string;
  readonly target: 'master' | 'agent';
  readonly request: RecordedRequest;
  readonly response: Record<string, unknown>;
  readonly action?: 'sleep' | 'set_var' | 'close_stream' | 'read_stream';
  readonly seconds?: number;
  readonly name?: string;
  readonly stream?: string;
  readonly read?: { readonly records: number; readonly seconds: number };
  readonly capture?: Readonly<Record<string, string>>;
  readonly keep_open_as?: string;
  readonly body_kind?: string;
  readonly probe_close?: boolean;
  readonly unstable?: unknown;
  readonly fresh_master?: boolean;
}

export interface Difference {
  readonly id: string;
  readonly purpose: string;
  readonly details: readonly string[];
}

/** Headers that matter; the others are compared by name only. */
const telling = new Set(
  'content-type allow location www-authenticate mesos-stream-id transfer-encoding content-encoding content-disposition connection retry-after accept'.split(
    ' ',
  ),
);

interface OpenStream {
  readonly stream: RecordStream;
  seen: number;
}

export class Replay {
  readonly variables = new Map<string, string>();
  private readonly streams = new Map<string, OpenStream>();
  private readonly ports: Readonly<Record<'master' | 'agent', number>>;
  private readonly version: string;

  constructor(ports: Readonly<Record<'master' | 'agent', number>>, version: string) {
    this.ports = ports;
    this.version = version;
  }

  /** The row's difference, or undefined where the answer is the recorded one. */
  async run(row: Row): Promise<Difference | undefined> {
    const actual = await this.answer(row);
    if (!actual || row.unstable) return undefined;
    const details = differences(withoutOffers(row, row.response), withoutOffers(row, actual));
    return details.length === 0 ? undefined : { id: row.id, purpose: row.purpose, details };
  }

  /** What the daemon says to the row's request; undefined where the row is none. */
  async answer(row: Row): Promise<Record<string, unknown> | undefined> {
    if (row.action === 'sleep') {
      await sleep((row.seconds ?? 0) * 1000);
      return undefined;
    }
    if (row.action === 'set_var') {
      this.variables.set(row.name ?? '', row.name ?? '');
      return undefined;
    }
    if (row.action === 'close_stream') {
      this.streams.get(row.stream ?? '')?.stream.close();
      this.streams.delete(row.stream ?? '');
      await sleep(150);
      return undefined;
    }
    return row.action === 'read_stream' ? this.readOn(row) : this.request(row);
  }

  close(): void {
    for (const { stream } of this.streams.values()) stream.close();
  }

  private normaliser(): Normaliser {
    const ports = new Map([
      [this.ports.master, 'MASTER_PORT'],
      [this.ports.agent, 'AGENT_PORT'],
    ]);
    return createNormaliser({ ports, variables: this.variables, version: this.version });
  }

  private async readOn(row: Row): Promise<Record<string, unknown>> {
    const open = this.streams.get(row.stream ?? '');
    if (!open) return {};
    await open.stream.waitFor(() => false, (row.seconds ?? 1) * 1000);
    const fresh = open.stream.records.slice(open.seen);
    open.seen = open.stream.records.length;
    const normaliser = this.normaliser();
    const records = fresh
      .filter((r) => !r.includes('"HEARTBEAT"'))
      .map((r) => renderRecord(r, normaliser));
    return { body: { records, closed: open.stream.closed ?? null } };
  }

  private async request(row: Row): Promise<Record<string, unknown>> {
    const connection = await openRaw(this.ports[row.target]);
    let keep = false;
    const timeoutMs = row.request.raw !== undefined || row.request.raw_b64 ? 3_000 : 10_000;
    try {
      connection.send(this.bytes(row));
      const head = await connection.readHead(timeoutMs);
      this.capture(row, 'header:', (name) => header(head, name));
      const streams =
        row.read && head.status === 200 && header(head, 'transfer-encoding') === 'chunked';
      if (streams) {
        keep = row.keep_open_as !== undefined;
        return await this.stream(row, head, connection);
      }
      return await this.whole(row, head, connection, timeoutMs);
    } catch (error) {
      if (error instanceof AnswerTimeout) return { no_answer: 'timeout' };
      if (!(error instanceof ConnectionClosed)) throw error;
      return { no_answer: 'closed', partial: connection.rest().toString('latin1').slice(0, 200) };
    } finally {
      if (!keep) connection.close();
    }
  }

  private async stream(row: Row, head: RawHead, connection: RawConnection) {
    const { records, seconds } = row.read ?? { records: 0, seconds: 0 };
    const stream = readRecords(connection);
    await stream.waitFor(() => stream.records.length >= records, seconds * 1000);
    await stream.waitFor(() => false, 300);
    const got = [...stream.records];
    const parsed = () => got.map((r) => JSON.parse(r.toString()));
    this.capture(row, 'record:', (path) => String(pick(parsed(), path)));
    const normaliser = this.normaliser();
    const body = {
      records: got.map((r) => renderRecord(r, normaliser)),
      closed: stream.closed ?? null,
    };
    if (row.keep_open_as) this.streams.set(row.keep_open_as, { stream, seen: got.length });
    return { ...renderHead(head, normaliser), body };
  }

  private async whole(row: Row, head: RawHead, connection: RawConnection, timeoutMs: number) {
    const isHead = row.request.method === 'HEAD' && row.request.raw === undefined;
    const { body, truncated } = isHead
      ? { body: Buffer.alloc(0), truncated: false }
      : await connection.readBody(head, timeoutMs);
    this.capture(row, 'json:', (path) => String(pick(JSON.parse(body.toString()), path)));
    const normaliser = this.normaliser();
    const result: Record<string, unknown> = renderHead(head, normaliser);
    if (isHead) {
      result.head_body_bytes_sent = (await connection.probe(50)) === 'bytes';
      result.body = { text: '' };
    } else result.body = renderBody(head, body, row.body_kind, normaliser);
    if (truncated) result.truncated_by_client_timeout = true;
    if (row.probe_close) result.server_closed = (await connection.probe(400)) === 'closed';
    return result;
  }

  private capture(row: Row, how: string, value: (path: string) => string | undefined): void {
    for (const [name, source] of Object.entries(row.capture ?? {}))
      if (source.startsWith(how)) this.variables.set(name, value(source.slice(how.length)) ?? '');
  }

  private substitute(text: string): string {
    return text.replace(/\{\{(\w+)\}\}/g, (whole, name) => this.variables.get(name) ?? whole);
  }

  private bytes(row: Row): Buffer {
    const q = row.request;
    if (q.raw !== undefined) return Buffer.from(this.substitute(q.raw), 'latin1');
    if (q.raw_b64) return this.binary(q.raw_b64);
    const body = q.body_b64 ? this.binary(q.body_b64) : Buffer.from(this.substitute(q.body ?? ''));
    const lines = [`${q.method} ${this.substitute(q.path ?? '/')} ${q.version ?? 'HTTP/1.1'}`];
    const names = new Set(q.headers?.map(([k]) => k.toLowerCase()));
    if (q.host !== false && !names.has('host'))
      lines.push(`Host: 127.0.0.1:${this.ports[row.target]}`);
    for (const [k, v] of q.headers ?? []) lines.push(`${k}: ${this.substitute(v)}`);
    if (q.chunked) lines.push('Transfer-Encoding: chunked');
    else if (
      q.content_length !== false &&
      (body.length > 0 || ['POST', 'PUT', 'PATCH'].includes(q.method ?? '')) &&
      !names.has('content-length')
    )
      lines.push(`Content-Length: ${body.length}`);
    const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    return Buffer.concat([head, q.chunked ? inChunks(body) : body]);
  }

  private binary(base64: string): Buffer {
    return Buffer.from(this.substitute(Buffer.from(base64, 'base64').toString('latin1')), 'latin1');
  }
}

/** Three chunks, as the recorder sent them. */
function inChunks(body: Buffer): Buffer {
  const step = Math.max(1, Math.floor(body.length / 3));
  const parts: Buffer[] = [];
  for (let i = 0; i < body.length; i += step) {
    const part = body.subarray(i, i + step);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function renderHead(head: RawHead, normaliser: Normaliser): Record<string, unknown> {
  const headers = Object.fromEntries(
    head.headers
      .filter(([k]) => telling.has(k.toLowerCase()))
      .map(([k, v]) => [k, k.toLowerCase() === 'mesos-stream-id' ? '<UUID>' : normaliser.text(v)]),
  );
  const names = head.headers.map(([k]) => k).sort();
  return { status: head.status, reason: head.reason, headers, header_names: names };
}

function renderBody(
  head: RawHead,
  bytes: Buffer,
  kind: string | undefined,
  normaliser: Normaliser,
): unknown {
  const zipped = header(head, 'content-encoding') === 'gzip' && bytes.length > 0;
  const body = zipped ? gunzipSync(bytes) : bytes;
  if (body.length === 0) return { text: '' };
  const raw = body.toString('utf8');
  const isText = Buffer.from(raw, 'utf8').equals(body);
  if (!isText || header(head, 'content-type')?.includes('protobuf') || kind === 'binary')
    return kind === 'exact' ? { b64: body.toString('base64') } : { binary: true };
  const json = kind === 'text' ? undefined : tryParse(raw);
  if (json === undefined && kind !== 'text') {
    const call = /^([^(]{0,39})\(([\s\S]*)\);*$/.exec(raw);
    const inner = call ? tryParse(call[2] ?? '') : undefined;
    if (call && inner !== undefined)
      return { jsonp: call[1], tail: raw.at(-1), shape: shapeOf(normaliser.value(inner)) };
  }
  if (typeof json === 'object' && json !== null) {
    const value = normaliser.value(json);
    const long = kind !== 'json' && pythonLength(value) > 2600;
    return kind === 'shape' || long ? { shape: shapeOf(value) } : { json: value };
  }
  const text = normaliser.text(raw);
  if (text.includes('<LOG_TEXT>')) return { text_prefix: '<LOG_TEXT>' };
  const prefix = kind === 'prefix' || (text.length > 1800 && kind !== 'text');
  return prefix ? { text_prefix: text.slice(0, 160) } : { text };
}

function renderRecord(record: Buffer, normaliser: Normaliser): unknown {
  const json = tryParse(record.toString()) as Record<string, unknown> | undefined;
  if (json === undefined) return { binary: true };
  const value = normaliser.value(json) as Record<string, unknown>;
  return pythonLength(value) > 4000 ? { type: value.type ?? null, shape: shapeOf(value) } : value;
}

/** The recorder measured texts with a blank after each `:` and `,`. */
function pythonLength(value: unknown): number {
  const text = JSON.stringify(value, null, 1);
  return text.replace(/\n\s*/g, ' ').length;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pick(value: unknown, path: string): unknown {
  return path.split('.').reduce((v, key) => (v as Record<string, unknown>)?.[key], value);
}

/** Whether an offer is already there when a stream is read depends on timing. */
function withoutOffers(row: Row, response: Record<string, unknown>): Record<string, unknown> {
  const body = response.body as { records?: unknown[] } | undefined;
  if (!(row.read || row.action === 'read_stream') || !Array.isArray(body?.records)) return response;
  const records = body.records.filter((r) => {
    const record = r as { type?: string; binary?: boolean };
    return record.type !== 'OFFERS' && record.type !== 'RESCIND' && !record.binary;
  });
  return { ...response, body: { ...body, records } };
}
