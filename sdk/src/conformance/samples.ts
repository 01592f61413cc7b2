import type {
  AuthenticationChannel,
  HttpAuthenticationRequest,
  KindName,
  Principal,
} from '../module/index.ts';
import type { Action, Object as AuthorizedObject } from '../types/authorizer.ts';
import type {
  AgentInfo,
  ContainerConfig,
  ContainerID,
  Credential,
  ExecutorInfo,
  FrameworkInfo,
  MasterInfo,
  Secret,
  TaskInfo,
  TaskStatus,
} from './messages.ts';

/** What only the author of a module knows. Every member may be left out. */
export interface KindSamples {
  readonly Isolator: {
    /** A process that may be isolated. Without it, one that does not exist. */
    readonly pid?: number;
    /** Adds what `prepare` needs to know to the container. */
    readonly config?: Partial<ContainerConfig>;
  };
  readonly HttpAuthenticator: {
    /** A request that it lets in, and as whom. */
    readonly admitted?: Partial<HttpAuthenticationRequest>;
    readonly principal?: Principal;
    /** A request whose credentials are wrong. */
    readonly rejected?: Partial<HttpAuthenticationRequest>;
  };
  readonly HttpAuthenticatee: { readonly credential?: Credential };
  readonly Authenticator: {
    readonly credentials?: readonly Credential[];
    /** The other side of one attempt that succeeds, and whom it proves to be. */
    readonly peer?: (channel: AuthenticationChannel, signal: AbortSignal) => Promise<unknown>;
    readonly principal?: string;
  };
  readonly Authenticatee: {
    readonly credential?: Credential;
    readonly peer?: (channel: AuthenticationChannel, signal: AbortSignal) => Promise<unknown>;
  };
  readonly Authorizer: {
    readonly questions?: readonly {
      readonly subject?: Principal;
      readonly action: Action;
      readonly object?: AuthorizedObject;
      readonly answer: boolean;
    }[];
  };
  readonly SecretResolver: {
    readonly secret?: Secret;
    /** What `secret` resolves to. */
    readonly value?: Uint8Array;
  };
  readonly DiskProfileAdaptor: { readonly profile?: string };
  readonly Anonymous: {
    /** Routes that answer a GET with a status below 500. */
    readonly routes?: readonly string[];
  };
}

export type Samples<K extends KindName = KindName> = K extends keyof KindSamples
  ? KindSamples[K]
  : Record<never, never>;

export const task: TaskInfo = {
  name: 'a task',
  taskId: { value: 'task-1' },
  agentId: { value: 'agent-1' },
  resources: [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } },
    { name: 'mem', type: 'SCALAR', scalar: { value: 128 } },
  ],
  command: { value: 'sleep 1000' },
};

export const framework: FrameworkInfo = {
  id: { value: 'framework-1' },
  user: 'nobody',
  name: 'a framework',
  roles: ['role-1'],
};

export const executor: ExecutorInfo = {
  executorId: { value: 'executor-1' },
  frameworkId: { value: 'framework-1' },
  command: { value: 'sleep 1000' },
};

export const agent: AgentInfo = {
  id: { value: 'agent-1' },
  hostname: 'host-1',
  resources: [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 4 } },
    { name: 'mem', type: 'SCALAR', scalar: { value: 1024 } },
  ],
};

export const status: TaskStatus = {
  taskId: { value: 'task-1' },
  state: 'TASK_RUNNING',
  agentId: { value: 'agent-1' },
  source: 'SOURCE_EXECUTOR',
};

export const master: MasterInfo = {
  id: 'master-1',
  ip: 0x0100007f,
  port: 5050,
  pid: 'master@127.0.0.1:5050',
  hostname: 'localhost',
  address: { hostname: 'localhost', ip: '127.0.0.1', port: 5050 },
};

export function container(value: string, parent?: ContainerID): ContainerID {
  return { value, ...(parent && { parent }) };
}

export const request: HttpAuthenticationRequest = {
  method: 'GET',
  path: '/state',
  headers: {},
  remoteAddress: '127.0.0.1',
};
