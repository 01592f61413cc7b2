// A master and an agent of a few lines: they offer once per revival, end every task as its name
// says (`exit-3`), and give its output from the sandbox.
import type { TaskInfo, TaskState } from '@mesita/sdk/types';
import type { Call, Event } from '@mesita/sdk/types/scheduler';
import type { HttpRequest, HttpResponse, HttpSink } from '../../../src/net/http.ts';
import { createServer } from '../../../src/net/server.ts';
import { decode, encode } from '../../../src/wire/protobuf.ts';
import * as agentSchema from '../../../src/wire/schema/agent.ts';
import * as schema from '../../../src/wire/schema/scheduler.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

export interface FakeCluster {
  readonly master: string;
  readonly calls: readonly Call[];
  close(): Promise<void>;
}

export async function startFakeCluster(): Promise<FakeCluster> {
  const calls: Call[] = [];
  let sink: HttpSink | undefined;
  let offers = 0;
  let agentPort = 0;

  const emit = (event: Event) => {
    const record = encode(schema.Event, event);
    sink?.write(Buffer.concat([Buffer.from(`${record.length}\n`), record]));
  };
  const offer = () => {
    offers += 1;
    emit({ type: 'OFFERS', offers: { offers: [offerNumber(offers, agentPort)] } });
  };
  const update = (task: TaskInfo, state: TaskState, message?: string) => {
    const { taskId, agentId } = task;
    const uuid = new Uint8Array(16).fill(7);
    const text = message === undefined ? {} : { message };
    emit({ type: 'UPDATE', update: { status: { taskId, agentId, state, uuid, ...text } } });
  };
  const launch = (task: TaskInfo) => {
    update(task, 'TASK_RUNNING');
    const status = /exit-(\d+)/.exec(task.taskId.value)?.[1];
    if (status === undefined) return;
    const state = status === '0' ? 'TASK_FINISHED' : 'TASK_FAILED';
    update(task, state, `Command exited with status ${status}`);
  };

  const handler = async (request: HttpRequest): Promise<HttpResponse> => {
    const call = decode(schema.Call, await request.body());
    calls.push(call);
    if (call.type !== 'SUBSCRIBE') {
      queueMicrotask(() => react(call, launch, offer, update));
      return { status: 202 };
    }
    const open = (opened: HttpSink) => {
      sink = opened;
      emit({ type: 'SUBSCRIBED', subscribed: { frameworkId: { value: 'F' } } });
      offer();
    };
    return { status: 200, headers: { 'Mesos-Stream-Id': 's' }, body: { open } };
  };
  const master = createServer({
    processes: [{ id: 'master', routes: [{ path: '/api/v1/scheduler', handler }] }],
    delegate: 'master',
    log,
  });
  const agent = createServer({
    processes: [{ id: 'slave(1)', routes: [{ path: '/api/v1', handler: readSandbox }] }],
    delegate: 'slave(1)',
    log,
  });
  agentPort = (await agent.listen('127.0.0.1', 0)).port;
  const { port } = await master.listen('127.0.0.1', 0);
  return {
    master: `127.0.0.1:${port}`,
    calls,
    close: async () => {
      await master.close();
      await agent.close();
    },
  };
}

function react(
  call: Call,
  launch: (task: TaskInfo) => void,
  offer: () => void,
  update: (task: TaskInfo, state: TaskState, message?: string) => void,
): void {
  if (call.type === 'REVIVE') offer();
  for (const { launch: launched } of call.accept?.operations ?? []) {
    launched?.taskInfos?.forEach(launch);
  }
  const { taskId, agentId } = call.kill ?? {};
  if (taskId === undefined || agentId === undefined) return;
  update({ name: '', taskId, agentId }, 'TASK_KILLED', 'Command terminated with signal Terminated');
}

function offerNumber(number: number, port: number) {
  const allocationInfo = { role: '*' };
  const scalar = (name: string, value: number) => ({
    name,
    type: 'SCALAR' as const,
    scalar: { value },
    allocationInfo,
  });
  return {
    id: { value: `O${number}` },
    frameworkId: { value: 'F' },
    agentId: { value: 'A' },
    hostname: 'localhost',
    url: {
      scheme: 'http',
      address: { hostname: 'localhost', ip: '127.0.0.1', port },
      path: '/slave(1)',
    },
    allocationInfo,
    resources: [scalar('cpus', 2), scalar('mem', 256)],
  };
}

/** Larger than one answer, and no valid UTF-8. */
export const OUTPUT = Buffer.alloc(100_000, 'x\xff\n', 'latin1');

async function readSandbox(request: HttpRequest): Promise<HttpResponse> {
  const { readFile } = decode(agentSchema.Call, await request.body());
  const file = readFile?.path.startsWith('/frameworks/F/executors/') ? OUTPUT : Buffer.alloc(0);
  const content = readFile?.path.endsWith('/stdout') ? file : Buffer.from('to stderr\n');
  const from = readFile?.offset ?? 0;
  const data = content.subarray(from, from + Math.min(readFile?.length ?? 0, 65_536));
  const body = encode(agentSchema.Response, {
    type: 'READ_FILE',
    readFile: { size: content.length, data },
  });
  return { status: 200, body };
}
