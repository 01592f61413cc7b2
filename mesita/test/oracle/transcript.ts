// Plays a recorded story against a cluster of its own: the same calls at the same points, and the
// same events in answer. Acknowledgements that the recorder sent on its own are sent here too.
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { header, openRaw } from '../harness/raw-http.ts';
import { type RecordStream, readRecords } from '../harness/record-stream.ts';
import { type Bindings, substitute, unify } from './unify.ts';

interface Message {
  readonly type: string;
  readonly update?: { readonly status: Status };
}

interface Status {
  readonly uuid?: string;
  readonly task_id: { readonly value: string };
  readonly agent_id?: { readonly value: string };
}

export interface Step {
  readonly kind: 'call' | 'event' | 'note' | 'operator_call' | 'stream_closed';
  readonly t: number;
  readonly stream?: string;
  readonly call?: Record<string, unknown> & { readonly type: string };
  readonly event?: Message;
  readonly request?: unknown;
  readonly status?: number;
  readonly body?: string;
  readonly text?: string;
  readonly how?: string;
}

export interface Transcript {
  readonly name: string;
  readonly about: string;
  readonly steps: readonly Step[];
}

export interface Stage {
  readonly masterPort: number;
  /** Does what a note says happened outside of the API; answers whether it knew the note. */
  readonly act: (note: string) => Promise<boolean>;
  readonly bindings: Bindings;
}

interface Channel {
  readonly stream: RecordStream;
  readonly id: string;
  taken: number;
  /** Events that came before their turn: offers, whose moment is the allocator's. */
  readonly early: Message[];
}

const patienceMs = 12_000;

export async function play(transcript: Transcript, stage: Stage): Promise<string[]> {
  const channels = new Map<string, Channel>();
  const findings: string[] = [];
  const acknowledges = transcript.steps.some((s) => s.call?.type === 'ACKNOWLEDGE');
  let uuids: string[] = [];
  let before: Step | undefined;
  try {
    for (const [index, step] of transcript.steps.entries()) {
      const where = `${transcript.name}[${index}] t=${step.t}`;
      const pause = before && before.kind !== 'event' ? step.t - before.t : 0;
      before = step;
      if (step.kind === 'note') {
        if (step.text === 'timed out waiting for an event') await sleep(pause * 1000);
        else await stage.act(step.text ?? '');
        if (step.text === 'closing the connection') lastOf(channels)?.stream.close();
        if (step.text?.startsWith('no answer to')) return findings;
        continue;
      }
      if (step.kind === 'call') {
        if (pause > 0.3) await sleep(Math.min(pause, 2) * 1000);
        findings.push(...(await call(step, stage, channels, uuids)).map((f) => `${where} ${f}`));
      } else if (step.kind === 'event') {
        const event = await next(channels.get(step.stream ?? ''), step.event);
        findings.push(...unify(step.event, event, stage.bindings).map((f) => `${where} ${f}`));
        const status = event?.update?.status;
        if (status?.uuid) uuids = [...uuids, status.uuid];
        if (status?.uuid && !acknowledges && transcript.name !== 'framework_reconnect')
          await acknowledge(status, step.stream ?? '', stage, channels);
      } else if (step.kind === 'operator_call') {
        findings.push(...(await operatorCall(step, stage)).map((f) => `${where} ${f}`));
      } else if (step.how !== 'eof') {
        const channel = channels.get(step.stream ?? '');
        await channel?.stream.waitFor(() => false, patienceMs);
        findings.push(...unify(step.how, channel?.stream.closed, new Map()));
      }
      if (findings.length > 6) break;
    }
  } finally {
    for (const channel of channels.values()) channel.stream.close();
  }
  return findings;
}

function lastOf(channels: Map<string, Channel>): Channel | undefined {
  return [...channels.values()].at(-1);
}

function fill<T>(value: T, bindings: Bindings): T {
  const text = substitute(JSON.stringify(value), bindings).replaceAll('<USER>', 'root');
  return JSON.parse(text) as T;
}

async function call(
  step: Step,
  stage: Stage,
  channels: Map<string, Channel>,
  uuids: readonly string[],
): Promise<string[]> {
  let body = fill(step.call, stage.bindings) as Record<string, unknown>;
  const name = step.stream ?? '';
  if (body.type === 'SUBSCRIBE') {
    channels.set(name, await subscribe(stage.masterPort, body));
    return [];
  }
  if (body.type === 'ACKNOWLEDGE') body = withUuid(body, step, uuids);
  const answer = await post(stage.masterPort, '/api/v1/scheduler', body, channels.get(name)?.id);
  const expected = step.status ?? 202;
  return [
    ...(answer.status === expected
      ? []
      : [`${answer.status} ${answer.text}, expected ${expected}`]),
    ...(step.body === undefined ? [] : unify(step.body, answer.text, stage.bindings)),
  ];
}

/** The first acknowledgement of `wrong_ack` is of no update at all, the second the right one. */
function withUuid(body: Record<string, unknown>, step: Step, uuids: readonly string[]) {
  const wrong = Buffer.from('00000000000040008000000000000000', 'hex').toString('base64');
  const uuid = step.t < 1 ? wrong : uuids.at(-1);
  return { ...body, acknowledge: { ...(body.acknowledge as object), uuid } };
}

async function acknowledge(
  status: Status,
  name: string,
  stage: Stage,
  channels: Map<string, Channel>,
): Promise<void> {
  const framework = stage.bindings.get('<FRAMEWORK_1>');
  await post(
    stage.masterPort,
    '/api/v1/scheduler',
    {
      type: 'ACKNOWLEDGE',
      framework_id: { value: framework },
      acknowledge: { agent_id: status.agent_id, task_id: status.task_id, uuid: status.uuid },
    },
    channels.get(name)?.id,
  );
}

async function operatorCall(step: Step, stage: Stage): Promise<string[]> {
  const answer = await post(stage.masterPort, '/api/v1', fill(step.request, stage.bindings));
  return answer.status === step.status
    ? []
    : [`operator call: ${answer.status} ${answer.text}, expected ${step.status}`];
}

async function subscribe(port: number, body: unknown): Promise<Channel> {
  const connection = await openRaw(port);
  const text = Buffer.from(JSON.stringify(body));
  const head = [
    'POST /api/v1/scheduler HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    'Accept: application/json',
    `Content-Length: ${text.length}`,
  ];
  connection.send(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), text]));
  const answer = await connection.readHead(patienceMs);
  const id = header(answer, 'mesos-stream-id') ?? '';
  return { stream: readRecords(connection), id, taken: 0, early: [] };
}

async function post(port: number, path: string, body: unknown, stream?: string) {
  const response = await request(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(stream ? { 'mesos-stream-id': stream } : {}),
    },
    body: JSON.stringify(body),
  });
  return { status: response.statusCode, text: await response.body.text() };
}

const offerLike = (event: Message) => event.type === 'OFFERS' || event.type === 'RESCIND';

/** The next event that may stand here: offers may overtake updates, and updates offers. */
async function next(
  channel: Channel | undefined,
  expected: Message | undefined,
): Promise<Message | undefined> {
  if (!channel || !expected) return undefined;
  const deadline = Date.now() + patienceMs;
  const wanted = (event: Message) => offerLike(event) === offerLike(expected);
  for (;;) {
    const held = channel.early.findIndex(wanted);
    if (held >= 0) return channel.early.splice(held, 1)[0];
    const { stream } = channel;
    await stream.waitFor(() => stream.records.length > channel.taken, deadline - Date.now());
    const record = stream.records[channel.taken];
    if (!record) return undefined;
    channel.taken++;
    const event = JSON.parse(record.toString()) as Message;
    if (event.type !== 'HEARTBEAT') channel.early.push(event);
  }
}
