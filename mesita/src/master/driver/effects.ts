import { err, type Logger, type Pid } from '@mesita/sdk/base';
import type { Allocator } from '@mesita/sdk/module';
import type { scheduler } from '@mesita/sdk/types';
import type { Hooks } from '../../hooks/hooks.ts';
import type { HttpProcess } from '../../net/http.ts';
import type { Messenger } from '../../net/messenger.ts';
import { encodeMessage, type MessageName, type MessageOf } from '../../wire/messages.ts';
import { type Approvers, allowAll } from '../core/approvers.ts';
import type { AllocatorCall, CancelTimer, MasterEffect, SetTimer } from '../core/effects.ts';
import type { MasterEvent } from '../core/events.ts';
import type { OperatorEvent } from '../core/operator-event.ts';
import { questionsOfOutcome } from '../core/questions.ts';
import type { Registrar } from '../registrar.ts';
import { foresee } from './foresight.ts';
import type { Links } from './links.ts';
import type { Requests } from './requests.ts';
import type { Streams } from './streams.ts';

type Performed = Exclude<MasterEffect, SetTimer | CancelTimer>;

interface Performers {
  readonly messenger: Pick<Messenger, 'send'>;
  readonly links: Links;
  readonly registrar: Registrar;
  readonly allocator: Allocator;
  readonly requests: Requests;
  readonly streams: Streams<scheduler.Event>;
  readonly log: Logger;
  readonly hooks?: Hooks | undefined;
  readonly processes: { add(process: HttpProcess): void; remove(id: string): void };
  /** What a principal may do. Absent: everything. */
  readonly authorize?: ((principal: string | undefined) => Promise<Approvers>) | undefined;
  readonly onOperatorEvent?: ((event: OperatorEvent) => void) | undefined;
  /** The master must not go on. Called at most once. */
  readonly onExit: (reason: string) => void;
}

type Post = (event: MasterEvent) => void;

/** Does what the core asked for. Outcomes come back through `post`. */
export function perform(effect: Performed, post: Post, performers: Performers): void {
  const { messenger, links, allocator, requests, streams, log, processes } = performers;
  switch (effect.type) {
    case 'send': {
      const name = `mesos.internal.${effect.message.name}` as MessageName;
      const body = encodeMessage(name, effect.message.body as MessageOf<typeof name>);
      messenger.send(effect.to, effect.from, name, body);
      return;
    }
    case 'link':
      return links.add(effect.pid);
    case 'spawnProcess':
      return processes.add(observerProcess(effect.id, post));
    case 'endProcess':
      return processes.remove(effect.id);
    case 'persist':
      return void persist(effect, post, performers);
    case 'authorize':
      return void authorize(effect, post, performers);
    case 'allocator':
      return callAllocator(allocator, effect.call);
    case 'convertAvailable':
      return void convertAvailable(effect, post, performers);
    case 'respond':
      return requests.respond(effect);
    case 'openStream':
      return requests.openStream(effect, streams);
    case 'publish':
      return streams.publish(effect.stream, effect.event);
    case 'closeStream':
      return streams.close(effect.stream);
    case 'publishOperator':
      return performers.onOperatorEvent?.(effect.event);
    case 'agentLost':
      return void performers.hooks?.agentLost(effect.agent);
    case 'log':
      return log[effect.level](effect.text, effect.fields);
    case 'exit':
      return performers.onExit(effect.reason);
  }
}

function callAllocator(allocator: Allocator, { method, arguments: args }: AllocatorCall): void {
  (allocator[method] as (...args: readonly unknown[]) => void)(...args);
}

async function convertAvailable(
  { agentId, operation, then }: Extract<Performed, { type: 'convertAvailable' }>,
  post: Post,
  { allocator, log }: Performers,
): Promise<void> {
  try {
    const result = await allocator.updateAvailable(agentId, [operation]);
    post({ ...then, result });
  } catch (error) {
    log.error('allocator failed', { agentId, error });
    post({ ...then, result: err((error as Error).message) });
  }
}

function observerProcess(id: string, post: Post): HttpProcess {
  return {
    id,
    routes: [],
    receive: ({ from, name }) => {
      if (name !== 'mesos.internal.PongSlaveMessage') return;
      post({ type: 'AgentPonged', from: from as Pid, observer: id });
    },
  };
}

async function persist(
  { operation, then }: Extract<Performed, { type: 'persist' }>,
  post: Post,
  { registrar, onExit, log }: Performers,
): Promise<void> {
  try {
    const mutated = await registrar.apply(operation);
    post({ ...then, mutated } as MasterEvent);
  } catch (error) {
    log.error('registry cannot be written', { operation: operation.type, error });
    onExit((error as Error).message);
  }
}

async function authorize(
  { principal, then }: Extract<Performed, { type: 'authorize' }>,
  post: Post,
  { authorize: ask, log }: Performers,
): Promise<void> {
  if (!ask) {
    post({ ...then, approvers: allowAll } as MasterEvent);
    return;
  }
  try {
    const approvers = await ask(principal);
    await foresee(approvers, questionsOfOutcome(then));
    post({ ...then, approvers } as MasterEvent);
  } catch (error) {
    log.error('authorizer failed', { principal, error });
    post({ ...then, approvers: { approved: () => false } } as MasterEvent);
  }
}
