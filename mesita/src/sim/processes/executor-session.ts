import type { ExecutorInfo } from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import type { Life } from '../world/life.ts';
import type { SimulatedWorld } from '../world/world.ts';
import type { AgentDoor, ExecutorClient } from './agent-door.ts';

/** An executor's connection to whichever agent runs on its machine. */
interface ExecutorSession {
  /** Lost when there is no agent; what matters goes with the next SUBSCRIBE again. */
  call(content: Omit<api.Call, 'executorId' | 'frameworkId'>): void;
  hangUp(): void;
}

interface SessionOptions {
  readonly world: SimulatedWorld;
  readonly life: Life;
  readonly info: ExecutorInfo;
  readonly findAgent: () => AgentDoor | undefined;
  readonly remember: () => api.Call.Subscribe;
  readonly hear: (event: api.Event) => void;
}

interface Connection {
  readonly client: ExecutorClient;
  readonly door: AgentDoor;
}

export function createExecutorSession(options: SessionOptions): ExecutorSession {
  const { world, life, findAgent, hear } = options;
  const { random, checks } = world;
  const { executorId, frameworkId = { value: '' } } = options.info;
  let connection: Connection | undefined;
  let heardAt = 0;

  function connect(): void {
    if (connection) return;
    const door = findAgent();
    if (!door) {
      life.setTimer(random.between(500, 3000), connect);
      return;
    }
    connection = { client: createClient(), door };
    request({ type: 'SUBSCRIBE', subscribe: options.remember() }, connection.client);
  }

  function createClient(): ExecutorClient {
    const isMine = () => !life.isOver && connection?.client === client;
    const client: ExecutorClient = {
      answered(status) {
        if (isMine() && status !== 200 && status !== 202) client.cutOff();
      },
      heard(event) {
        // In the order they were sent.
        heardAt = Math.max(heardAt, life.now() + random.between(0.1, 5));
        life.setTimer(heardAt - life.now(), () => isMine() && hear(event));
      },
      cutOff() {
        if (!isMine()) return;
        connection = undefined;
        life.setTimer(random.between(200, 3000), connect);
      },
    };
    return client;
  }

  function request(content: Omit<api.Call, 'executorId' | 'frameworkId'>, client: ExecutorClient) {
    const call: api.Call = { ...content, executorId, frameworkId };
    checks.updates.executorSays(call);
    connection?.door.request(call, client);
  }

  life.setTimer(random.between(20, 400), connect);
  return {
    call(content) {
      if (connection) request(content, { ...connection.client });
    },
    hangUp: () => connection?.door.hangUp(connection.client),
  };
}
