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
  readonly subscribed?: object;
  readonly update_operation_status?: {
    readonly status: { readonly uuid?: { readonly value: string }; readonly message?: string };
  };
  readonly offers?: { readonly offers: readonly { readonly id: { readonly value: string } }[] };
}

interface Status {
  readonly uuid?: string;
  readonly task_id: { readonly value: string };
  readonly agent_id?: { readonly value: string };
  readonly message?: string;
  readonly state?: string;
  readonly container_status?: { readonly container_id?: { readonly parent?: unknown } };
}

interface Step {
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
  /** Uuids of updates. */
  readonly seen: Set<string>;
}

const patienceMs = 12_000;

/** The operators' stream; nothing was recorded of the call that opened it. */
const OPERATOR = 'operator';
const subscribeCall = { type: 'SUBSCRIBE' };

export async function play(transcript: Transcript, stage: Stage): Promise<string[]> {
  const channels = new Map<string, Channel>();
  const findings: string[] = [];
  const silent = silentStreams(transcript);
  let uuids: string[] = [];
  let operationUuid: string | undefined;
  let before: Step | undefined;
  let rule = '';
  try {
    for (const [index, step] of transcript.steps.entries()) {
      const where = `${transcript.name}[${index}] t=${step.t}`;
      const pause = before && before.kind !== 'event' ? step.t - before.t : 0;
      const wasRunning = before?.event?.update?.status.state === 'TASK_RUNNING';
      before = step;
      if (isRepeat(transcript, index) || isPassingOffer(transcript, step)) continue;
      if (step.kind === 'note') {
        if (step.text === 'timed out waiting for an event') await sleep(pause * 1000);
        else await stage.act(step.text ?? '');
        if (step.text?.startsWith('rule: ')) rule = step.text.slice(6);
        if (step.text === 'closing the connection') lastOf(channels)?.stream.close();
        if (step.text?.startsWith('no answer to')) return findings;
        continue;
      }
      if (step.kind === 'call') {
        // A task that is RUNNING here may not have set its traps yet: tasks started slower then.
        if (step.call?.type === 'KILL' && wasRunning) await sleep(500);
        else if (pause > 0.3) await sleep(Math.min(pause, 2) * 1000);
        // Tasks started slower then: a kill that follows at once must find this one not begun.
        if (step.call?.type === 'ACCEPT' && transcript.steps[index + 1]?.call?.type === 'KILL') {
          await stage.act('agent frozen');
        }
        const found = await call(step, rule, stage, channels, { uuids, operationUuid });
        findings.push(...found.map((f) => `${where} ${f}`));
        if (step.call?.type === 'KILL') await stage.act('agent thawed');
      } else if (step.kind === 'event') {
        if (step.stream === OPERATOR && !channels.has(OPERATOR))
          channels.set(OPERATOR, await subscribe(stage.masterPort, subscribeCall, '/api/v1'));
        const [event, found] = await expectEvent(transcript, step, stage, channels);
        if (!differentRules.has(rule)) findings.push(...found.map((f) => `${where} ${f}`));
        const status = event?.update?.status;
        if (status?.uuid) uuids = [...uuids, status.uuid];
        operationUuid = event?.update_operation_status?.status.uuid?.value ?? operationUuid;
        if (status?.uuid && !silent.has(step.stream ?? ''))
          await acknowledge(status, step.stream ?? '', stage, channels);
      } else if (step.kind === 'operator_call') {
        if (transcript.name === 'framework_gone') {
          lastOf(channels)?.stream.close();
          await sleep(1000);
        }
        findings.push(...(await operatorCall(step, stage)).map((f) => `${where} ${f}`));
      } else if (step.how !== 'last-chunk') {
        channels.get(step.stream ?? '')?.stream.close();
      } else {
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

/** Streams on which the recorder acknowledged nothing of its own accord. */
function silentStreams({ name }: Pick<Transcript, 'name'>): ReadonlySet<string> {
  if (name === 'wrong_ack' || name === 'framework_reconnect') return new Set(['fw']);
  return new Set();
}

/** An event without what was a race, or the order of a hash map, when it was recorded. */
function comparable(event: Message | undefined): Message | undefined {
  // What stood at its beginning is that of the stories before.
  if (event?.type === 'SUBSCRIBED' && 'get_state' in (event.subscribed ?? {}))
    return { type: 'SUBSCRIBED' };
  const operation = event?.update_operation_status?.status;
  if (event && operation?.message) {
    const status = { ...operation, message: withoutOrder(operation.message) as string };
    return { ...event, update_operation_status: { status } };
  }
  const status = event?.update?.status;
  if (!status) return event;
  const same = { ...status, ...withoutRaces(status) };
  const message = withoutOrder(same.message);
  return {
    ...event,
    update: { status: { ...same, ...(message !== undefined && { message }) } },
  } as Message;
}

/**
 * Whether a nested container's address and pid are known when its task says STARTING, and which
 * signal ends the second task of a pod that is shut down.
 */
function withoutRaces({ container_status, message }: Status): Partial<Status> {
  if (!container_status?.container_id?.parent) return {};
  const { container_id } = container_status;
  return {
    container_status: { container_id },
    ...(message && { message: message.replace(/(signal) (Terminated|Killed)$/, '$1') }),
  };
}

/** `… more than available a; b; c` and `a; b; c does not contain d`: in whatever order. */
function withoutOrder(message: string | undefined): string | undefined {
  const sorted = (resources: string) => resources.split('; ').sort().join('; ');
  return message
    ?.replace(/(more than available )(.*)$/, (_, text, resources) => text + sorted(resources))
    .replace(/^(.*)( does not contain )/, (_, resources, text) => sorted(resources) + text);
}

/** A command task without a command fails here too, but says that there is nothing to run. */
const differentRules: ReadonlySet<string> = new Set(['command without value']);

/** Stories about something else, in which resources come back in other pieces than they did then. */
const offersInPieces = new Set(['task_validation']);

/** An update that the agent sent again, word for word: when it does is a matter of timing. */
function isRepeat({ name, steps }: Transcript, index: number): boolean {
  const step = steps[index];
  if (!/^(agent_restart|operator_stream)/.test(name) || !step?.event?.update?.status.uuid)
    return false;
  const text = JSON.stringify([step.stream, step.event]);
  return steps.slice(0, index).some((s) => JSON.stringify([s.stream, s.event]) === text);
}

/** An offer that no call takes up. */
function isPassingOffer({ name, steps }: Transcript, step: Step): boolean {
  const offers = step.event?.offers?.offers;
  if (!offers || !offersInPieces.has(name)) return false;
  const calls = JSON.stringify(steps.filter((s) => s.kind === 'call'));
  return !offers.some((o) => calls.includes(`"${o.id.value}"`));
}

/** The event, and how it differs. Offers of other pieces are given back until the whole comes. */
async function expectEvent(
  { name }: Transcript,
  step: Step,
  stage: Stage,
  channels: Map<string, Channel>,
): Promise<[Message | undefined, string[]]> {
  const channel = channels.get(step.stream ?? '');
  for (;;) {
    const event = await next(channel, step.event, async (status) => {
      if (silentStreams({ name }).has(step.stream ?? '')) return;
      await acknowledge(status, step.stream ?? '', stage, channels);
    });
    const found = unify(comparable(step.event), comparable(event), stage.bindings);
    if (found.length === 0 || !event?.offers || !offersInPieces.has(name)) return [event, found];
    await decline(
      event.offers.offers.map((o) => o.id),
      stage,
      channel,
    );
  }
}

/** The first that the story names. */
function frameworkOf({ bindings }: Stage): string | undefined {
  const [first] = [...bindings].filter(([name]) => name.startsWith('<FRAMEWORK_'));
  return first?.[1];
}

async function decline(offerIds: unknown, stage: Stage, channel: Channel | undefined) {
  const body = {
    type: 'DECLINE',
    framework_id: { value: frameworkOf(stage) },
    decline: { offer_ids: offerIds, filters: { refuse_seconds: 0 } },
  };
  await post(stage.masterPort, '/api/v1/scheduler', body, channel?.id);
}

function lastOf(channels: Map<string, Channel>): Channel | undefined {
  return [...channels.values()].at(-1);
}

function fill<T>(value: T, bindings: Bindings): T {
  const text = substitute(JSON.stringify(value), bindings)
    .replaceAll('<USER>', 'root')
    .replaceAll('"<PORT>"', String(closedPort));
  return JSON.parse(text) as T;
}

/** Nothing listens on the discard port. */
const closedPort = 9;

/** UUIDs of updates that came: of tasks, and the last one of an operation. */
interface Heard {
  readonly uuids: readonly string[];
  readonly operationUuid: string | undefined;
}

async function call(
  step: Step,
  rule: string,
  stage: Stage,
  channels: Map<string, Channel>,
  { uuids, operationUuid }: Heard,
): Promise<string[]> {
  let body = fill(withUser(step.call, rule), stage.bindings) as Record<string, unknown>;
  const name = step.stream ?? '';
  if (body.type === 'SUBSCRIBE') {
    channels.set(name, await subscribe(stage.masterPort, body));
    return [];
  }
  if (body.type === 'ACKNOWLEDGE') body = withUuid(body, step, uuids);
  if (body.type === 'ACKNOWLEDGE_OPERATION_STATUS') {
    const acknowledged = body.acknowledge_operation_status as object;
    body = { ...body, acknowledge_operation_status: { ...acknowledged, uuid: operationUuid } };
  }
  const answer = await post(stage.masterPort, '/api/v1/scheduler', body, channels.get(name)?.id);
  const expected = step.status ?? 202;
  // What a refused call would have taken is still out; the recorder gave it back.
  if (expected === 400 && body.type === 'ACCEPT')
    await decline((body.accept as { offer_ids: unknown }).offer_ids, stage, channels.get(name));
  return [
    ...(answer.status === expected
      ? []
      : [`${answer.status} ${answer.text}, expected ${expected}`]),
    ...(step.body === undefined ? [] : unify(step.body, answer.text, stage.bindings)),
  ];
}

/** Users were recorded as placeholders; a task's own one was there because nobody has that name. */
function withUser(call: Step['call'], rule: string): Step['call'] {
  const user = rule.includes('empty') ? '' : 'nosuchuser';
  const text = JSON.stringify(call).replace(/("command":\{[^{}]*"user":)"<USER>"/, `$1"${user}"`);
  return JSON.parse(text);
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
  const framework = frameworkOf(stage);
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

async function subscribe(
  port: number,
  body: unknown,
  path = '/api/v1/scheduler',
): Promise<Channel> {
  const connection = await openRaw(port);
  const text = Buffer.from(JSON.stringify(body));
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    'Accept: application/json',
    `Content-Length: ${text.length}`,
  ];
  connection.send(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), text]));
  const answer = await connection.readHead(patienceMs);
  const id = header(answer, 'mesos-stream-id') ?? '';
  return { stream: readRecords(connection), id, taken: 0, early: [], seen: new Set() };
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

/** Order is promised for the updates of one task, and for offers; not between those. */
function laneOf(event: Message): string {
  if (event.update) return `task ${event.update.status.task_id.value}`;
  return event.type === 'RESCIND' ? 'OFFERS' : event.type;
}

/** The next event that may stand here. An update that is sent again is not news. */
async function next(
  channel: Channel | undefined,
  expected: Message | undefined,
  onRetry: (status: Status) => Promise<void>,
): Promise<Message | undefined> {
  if (!channel || !expected) return undefined;
  const deadline = Date.now() + patienceMs;
  const wanted = (event: Message) => laneOf(event) === laneOf(expected);
  for (;;) {
    const held = channel.early.findIndex(wanted);
    if (held >= 0) return channel.early.splice(held, 1)[0];
    const { stream } = channel;
    await stream.waitFor(() => stream.records.length > channel.taken, deadline - Date.now());
    const record = stream.records[channel.taken];
    if (!record) return undefined;
    channel.taken++;
    const event = JSON.parse(record.toString()) as Message;
    const uuid = event.update?.status.uuid;
    const isRetry = uuid !== undefined && channel.seen.has(uuid);
    if (uuid !== undefined) channel.seen.add(uuid);
    // It came again because its acknowledgement was lost, with the agent for instance.
    if (isRetry && event.update) await onRetry(event.update.status);
    else if (event.type !== 'HEARTBEAT') channel.early.push(event);
  }
}
