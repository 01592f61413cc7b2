// The agent API's calls that attach to what a container prints and reads.
import type { ContainerID } from '@mesita/sdk/types';
import type { Call, ProcessIO } from '@mesita/sdk/types/agent';
import type {
  ContainerInput,
  ContainerOutput,
} from '../../containerizer/mesos/io-switchboard/attachment.ts';
import { containerKey } from '../../containerizer/mesos/paths.ts';
import { parseCall } from '../../net/call.ts';
import type { HttpResponse, HttpSink } from '../../net/http.ts';
import { JSON_TYPE, RECORDIO_TYPE } from '../../net/media-types.ts';
import { empty, failure } from '../../net/responses.ts';
import { stringify } from '../../wire/json.ts';
import { encode } from '../../wire/protobuf.ts';
import { encodeRecord } from '../../wire/recordio.ts';
import * as schema from '../../wire/schema/agent.ts';
import { validateInput } from '../core/validation/process-io.ts';
import { launchAllowed } from './container-calls.ts';
import { mayTouch, ownerOf } from './container-owner.ts';
import type { ApiRequest, Handlers } from './operator-handler.ts';
import type { AgentSurface } from './surface.ts';

export const attachCalls = {
  LAUNCH_NESTED_CONTAINER_SESSION: (surface, { launchNestedContainerSession }, request) =>
    launchNestedContainerSession
      ? openSession(surface, request, launchNestedContainerSession)
      : failure(400),
  ATTACH_CONTAINER_OUTPUT: (surface, { attachContainerOutput }, request) =>
    attachContainerOutput
      ? attachOutput(surface, request, attachContainerOutput.containerId)
      : failure(400),
  ATTACH_CONTAINER_INPUT: (surface, { attachContainerInput }, request) =>
    attachContainerInput ? attachInput(surface, request, attachContainerInput) : failure(400),
} satisfies Handlers;

/** The container lives no longer than the client listens. */
async function openSession(
  surface: AgentSurface,
  request: ApiRequest,
  wanted: Call.LaunchNestedContainerSession,
): Promise<HttpResponse> {
  const { containerId: id, command = {} } = wanted;
  const { containers } = surface;
  const action = 'LAUNCH_NESTED_CONTAINER_SESSION';
  if (!(await mayTouch(surface, request, action, id, command))) return failure(403);
  const more = { containerClass: 'DEBUG' } as const;
  const launched = await launchAllowed(surface, wanted, more, true);
  if (launched.status !== 200) return launched;
  const end = (): void => void containers.destroy(id).catch(() => {});
  try {
    // Many programs close their streams before they exit: that is not their end yet.
    const over = containers.wait(id).catch(() => undefined);
    return stream(surface, request, await containers.attachOutput(id), end, over);
  } catch (error) {
    end();
    throw error;
  }
}

async function attachOutput(
  surface: AgentSurface,
  request: ApiRequest,
  id: ContainerID,
): Promise<HttpResponse> {
  const refusal = await refuse(surface, request, 'ATTACH_CONTAINER_OUTPUT', id);
  if (refusal) return refusal;
  return stream(surface, request, await surface.containers.attachOutput(id), () => {});
}

async function refuse(
  surface: AgentSurface,
  request: ApiRequest,
  action: 'ATTACH_CONTAINER_OUTPUT' | 'ATTACH_CONTAINER_INPUT',
  id: ContainerID,
): Promise<HttpResponse | undefined> {
  if (!ownerOf(surface, id)) {
    const known = (await surface.containers.containers()).map(containerKey);
    if (!known.includes(containerKey(id))) {
      return failure(404, `Container ${containerKey(id)} cannot be found`);
    }
  }
  return (await mayTouch(surface, request, action, id)) ? undefined : failure(403);
}

function stream(
  { heartbeatMs }: AgentSurface,
  { accepted: { message, content } }: ApiRequest,
  output: ContainerOutput,
  closed: () => void,
  over: Promise<unknown> = Promise.resolve(),
): HttpResponse {
  const record = (io: ProcessIO): Uint8Array =>
    encodeRecord(
      message === JSON_TYPE
        ? Buffer.from(stringify(schema.ProcessIO, io))
        : encode(schema.ProcessIO, io),
    );
  const open = (sink: HttpSink): void => {
    const beat = heartbeat(heartbeatMs);
    const timer = setInterval(() => sink.write(record(beat)), heartbeatMs);
    void sink.closed.then(() => {
      clearInterval(timer);
      output.close();
      closed();
    });
    void copy(output, sink, record)
      .then(() => over)
      .finally(() => sink.end());
  };
  return {
    status: 200,
    headers: {
      'Content-Type': content,
      ...(content === RECORDIO_TYPE && { 'Message-Content-Type': message }),
    },
    body: { open },
  };
}

function heartbeat(intervalMs: number): ProcessIO {
  const interval = { nanoseconds: BigInt(Math.round(intervalMs * 1e6)) };
  return { type: 'CONTROL', control: { type: 'HEARTBEAT', heartbeat: { interval } } };
}

/** As fast as the client reads: the container waits for a slow one. */
async function copy(
  output: ContainerOutput,
  sink: HttpSink,
  record: (io: ProcessIO) => Uint8Array,
): Promise<void> {
  for await (const { stream: type, data } of output.chunks) {
    if (!sink.write(record({ type: 'DATA', data: { type, data } }))) return;
    await sink.drained();
  }
}

async function attachInput(
  surface: AgentSurface,
  request: ApiRequest,
  { type, containerId: id }: Call.AttachContainerInput,
): Promise<HttpResponse> {
  if (type !== 'CONTAINER_ID' || !id) {
    return failure(400, "Expecting 'attach_container_input.type' to be CONTAINER_ID");
  }
  const refusal = await refuse(surface, request, 'ATTACH_CONTAINER_INPUT', id);
  if (refusal) return refusal;
  const input = await surface.containers.attachInput(id);
  if (input === 'BUSY') return failure(409, 'Multiple input connections are not allowed');
  // The client may have more to say when nobody listens any more.
  const ended = input.closed.then(() => empty(200));
  return Promise.race([ended, passOn(request, input).finally(() => input.finish())]);
}

/** Until the client has no more to say, or says something wrong. */
async function passOn(request: ApiRequest, input: ContainerInput): Promise<HttpResponse> {
  const { records, recordType } = request;
  for (let next = await records.next(); !next.done; next = await records.next()) {
    if (!next.value.ok) return next.value.error;
    const call = parseCall(schema.Call, recordType, next.value.value);
    if (!call.ok) return call.error;
    const invalid = validateInput(call.value);
    if (invalid !== undefined) return failure(400, invalid);
    await take(call.value.attachContainerInput?.processIo ?? {}, input);
  }
  return empty(200);
}

async function take({ data, control }: ProcessIO, input: ContainerInput): Promise<void> {
  const size = control?.ttyInfo?.windowSize;
  if (size) await input.resize(size.rows, size.columns);
  if (!data?.data) return;
  if (data.data.length === 0) await input.end();
  else await input.write(data.data);
}
