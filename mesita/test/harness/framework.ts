// A scheduler of the tests' own over the v1 JSON API: it does nothing by itself that a test did
// not ask for, except to acknowledge updates unless told otherwise.
import { openRaw, type RawConnection } from './raw-http.ts';
import { readRecords } from './record-stream.ts';
import { waitFor } from './wait.ts';

interface Status {
  readonly task_id: { readonly value: string };
  readonly state: string;
  readonly message?: string;
  readonly reason?: string;
  readonly source?: string;
  readonly uuid?: string;
  readonly agent_id?: { readonly value: string };
}

interface Offer {
  readonly id: { readonly value: string };
  readonly agent_id: { readonly value: string };
  readonly resources: readonly {
    readonly name: string;
    readonly scalar?: { readonly value: number };
  }[];
}

interface SchedulerEvent {
  readonly type: string;
  readonly update?: { readonly status: Status };
  readonly offers?: { readonly offers: readonly Offer[] };
  readonly error?: { readonly message: string };
  readonly message?: { readonly data: string; readonly executor_id: { readonly value: string } };
  readonly failure?: object;
}

export interface TestTask {
  readonly id: string;
  readonly command?: string;
  readonly cpus?: number;
  readonly mem?: number;
  /** More members of the TaskInfo, in its JSON form. */
  readonly more?: object;
}

export interface Framework {
  readonly id: string;
  readonly events: readonly SchedulerEvent[];
  readonly isOpen: boolean;
  call(body: object): Promise<{ readonly status: number; readonly text: string }>;
  /** An offer not taken before with so much to give, of this agent when one is named. */
  offer(agentId?: string, cpus?: number): Promise<Offer>;
  accept(offer: Offer, tasks: readonly TestTask[]): Promise<void>;
  /** Takes the next offer and launches on it. */
  launch(...tasks: readonly TestTask[]): Promise<Offer>;
  statuses(taskId: string): readonly Status[];
  /** Without repetitions: an agent sends an update again whenever it registers. */
  states(taskId: string): readonly string[];
  /** Resolves with the first status in this state. */
  status(taskId: string, state: string): Promise<Status>;
  /** The first status of a task nothing else is known of. */
  anyStatus(taskId: string): Promise<Status>;
  waitFor(what: string, holds: () => boolean): Promise<void>;
  /** Drops the connection; the framework stays at the master for its failover timeout. */
  close(): void;
}

interface Options {
  /** The framework that comes back. */
  readonly id?: string;
  /** Members of FrameworkInfo. */
  readonly info?: object;
  readonly acknowledges?: boolean;
}

const JSON_MEDIA = 'Content-Type: application/json\r\nAccept: application/json\r\n';

function post(headers: string, body: object): Buffer {
  const text = JSON.stringify(body);
  const length = `Content-Length: ${Buffer.byteLength(text)}\r\n`;
  const head = `POST /api/v1/scheduler HTTP/1.1\r\nHost: test\r\n${JSON_MEDIA}${headers}${length}`;
  return Buffer.from(`${head}\r\n${text}`);
}

/** Resolves when the master has answered SUBSCRIBED. */
export async function subscribe(port: number, options: Options = {}): Promise<Framework> {
  const { id, info = {}, acknowledges = true } = options;
  const id_ = id === undefined ? {} : { id: { value: id } };
  const framework_info = {
    user: 'root',
    name: 'test',
    roles: ['*'],
    capabilities: [{ type: 'MULTI_ROLE' }, { type: 'PARTITION_AWARE' }],
    failover_timeout: 3600,
    checkpoint: true,
    ...id_,
    ...info,
  };
  const connection = await openRaw(port);
  const body = { type: 'SUBSCRIBE', subscribe: { framework_info } };
  connection.send(post('', { ...body, ...(id !== undefined && { framework_id: { value: id } }) }));
  const head = await connection.readHead(20_000);
  if (head.status !== 200) {
    const { body } = await connection.readBody(head, 5_000);
    throw new Error(`SUBSCRIBE: ${head.status} ${body}`);
  }
  const streamId = head.headers.find(([key]) => key.toLowerCase() === 'mesos-stream-id')?.[1];
  const stream = readRecords(connection);
  const events: SchedulerEvent[] = [];
  const framework = createFramework({
    port,
    events,
    streamId: streamId ?? '',
    isOpen: () => stream.closed === undefined,
    close: () => stream.close(),
  });
  stream.onRecord((record) => {
    const event = JSON.parse(String(record)) as SchedulerEvent;
    events.push(event);
    const status = event.update?.status;
    if (acknowledges && status?.uuid) void framework.call(acknowledgement(status)).catch(() => {});
  });
  await framework.waitFor('SUBSCRIBED', () => events.length > 0);
  return framework;
}

export function acknowledgement({ agent_id, task_id, uuid }: Status): object {
  return { type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } };
}

interface Parts {
  readonly port: number;
  readonly events: readonly SchedulerEvent[];
  readonly streamId: string;
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

function createFramework({ port, events, streamId, isOpen, close }: Parts): Framework {
  const calls = createCallQueue(port);
  const withId = (body: object) => ({ framework_id: { value: self.id }, ...body });
  const taken = new Set<string>();
  const rescinded = () =>
    events.flatMap((e) => (e as { rescind?: { offer_id: { value: string } } }).rescind ?? []);
  const cpusOf = (offer: Offer) =>
    offer.resources.find(({ name }) => name === 'cpus')?.scalar?.value ?? 0;
  const findOffer = (cpus: number, agentId?: string) =>
    events
      .flatMap((event) => event.offers?.offers ?? [])
      .find(
        (offer) =>
          !taken.has(offer.id.value) &&
          cpusOf(offer) >= cpus &&
          (agentId === undefined || offer.agent_id.value === agentId) &&
          !rescinded().some(({ offer_id }) => offer_id.value === offer.id.value),
      );
  const self: Framework = {
    get id() {
      const [first] = events as readonly { subscribed?: { framework_id: { value: string } } }[];
      return first?.subscribed?.framework_id.value ?? '';
    },
    events,
    get isOpen() {
      return isOpen();
    },
    call: (body) => calls.send(post(`Mesos-Stream-Id: ${streamId}\r\n`, withId(body))),
    async offer(agentId, cpus = 0.1) {
      await self.waitFor('an offer', () => findOffer(cpus, agentId) !== undefined);
      const offer = findOffer(cpus, agentId)!;
      taken.add(offer.id.value);
      return offer;
    },
    async accept(offer, tasks) {
      const task_infos = tasks.map((task) => taskInfo(task, offer));
      const operations = [{ type: 'LAUNCH', launch: { task_infos } }];
      const filters = { refuse_seconds: 0 };
      const accept = { offer_ids: [offer.id], operations, filters };
      const answer = await self.call({ type: 'ACCEPT', accept });
      if (answer.status !== 202) throw new Error(`ACCEPT: ${answer.status} ${answer.text}`);
    },
    async launch(...tasks) {
      const cpus = tasks.reduce((sum, task) => sum + (task.cpus ?? 0.1), 0);
      const offer = await self.offer(undefined, cpus);
      await self.accept(offer, tasks);
      return offer;
    },
    statuses: (taskId) =>
      events.flatMap(({ update }) =>
        update?.status.task_id.value === taskId ? update.status : [],
      ),
    states(taskId) {
      const told = self.statuses(taskId);
      const first = (uuid: string) => told.find((status) => status.uuid === uuid);
      return told
        .filter((status) => !status.uuid || first(status.uuid) === status)
        .map(({ state }) => state);
    },
    async status(taskId, state) {
      await self.waitFor(`${taskId} to be ${state}`, () => self.states(taskId).includes(state));
      return self.statuses(taskId).find((status) => status.state === state)!;
    },
    async anyStatus(taskId) {
      await self.waitFor(`news of ${taskId}`, () => self.statuses(taskId).length > 0);
      return self.statuses(taskId)[0]!;
    },
    waitFor: (what, holds) =>
      waitFor(what, holds, { timeoutMs: 60_000 }).catch((error: unknown) => {
        throw new Error([(error as Error).message, ...events.slice(-12).map(describe)].join('\n'));
      }),
    close() {
      close();
      calls.close();
    },
  };
  return self;
}

/** One call after the other on one connection, as real frameworks do; a new one when it broke. */
function createCallQueue(port: number) {
  let connection: Promise<RawConnection> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  async function exchange(bytes: Buffer) {
    connection ??= openRaw(port);
    try {
      const { send, readHead, readBody } = await connection;
      send(bytes);
      const head = await readHead(20_000);
      const { body } = await readBody(head, 20_000);
      return { status: head.status, text: String(body) };
    } catch (error) {
      connection = undefined;
      throw error;
    }
  }
  return {
    send(bytes: Buffer) {
      const answer = last.then(() => exchange(bytes));
      last = answer.catch(() => {});
      return answer;
    },
    close: () => void connection?.then((open) => open.close()).catch(() => {}),
  };
}

function describe(event: SchedulerEvent): string {
  const status = event.update?.status;
  if (status === undefined) return JSON.stringify(event).slice(0, 200);
  return `${status.task_id.value} ${status.state} ${status.reason ?? ''} ${status.message ?? ''}`;
}

function taskInfo({ id, command, cpus = 0.1, mem = 32, more }: TestTask, offer: Offer) {
  return {
    name: id,
    task_id: { value: id },
    agent_id: offer.agent_id,
    resources: [scalar('cpus', cpus), scalar('mem', mem)],
    ...(command !== undefined && { command: { value: command } }),
    ...more,
  };
}

export function scalar(name: string, value: number): object {
  return { name, type: 'SCALAR', scalar: { value } };
}
