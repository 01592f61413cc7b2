import type { Isolator } from '../kinds/index.ts';
import { type Call, type KindCalls, request, wait } from './call.ts';
import {
  boolean,
  list,
  message,
  nothing,
  number,
  optional,
  partial,
  record,
  resources,
} from './shape.ts';

const id = message('mesos.ContainerID');
const SECOND = 1000;

/** What delays a launch may take as long as an image pull; what is asked every second may not. */
const slow = { deadlineMs: 60 * SECOND };
const observation = { deadlineMs: 5 * SECOND, onFailure: 'ignore' } as const;

const methods: Record<Exclude<keyof Isolator, 'supportsNesting' | 'supportsStandalone'>, Call> = {
  recover: request(
    { states: list(message('containerizer.ContainerState')), orphans: list(id) },
    nothing,
    slow,
  ),
  prepare: request(
    { id, config: message('containerizer.ContainerConfig') },
    optional(message('containerizer.ContainerLaunchInfo')),
    slow,
  ),
  isolate: request({ id, pid: number }, nothing, slow),
  watch: wait({ id }, message('containerizer.ContainerLimitation'), {
    hasSignal: true,
    onFailure: 'ignore',
  }),
  update: request(
    { id, requests: resources, limits: record(message('mesos.Value_Scalar')) },
    nothing,
    slow,
  ),
  usage: request({ id }, partial('mesos.ResourceStatistics'), observation),
  status: request({ id }, partial('mesos.ContainerStatus'), observation),
  cleanup: request({ id }, nothing, slow),
};

export const isolatorCalls: KindCalls = {
  methods,
  callbacks: {},
  properties: { supportsNesting: optional(boolean), supportsStandalone: optional(boolean) },
};
