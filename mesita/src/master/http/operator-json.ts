// The operator API's answers as JSON. Mesos writes some of their lists even when they are empty,
// and shows the agents' v0 field `checkpoint`; clients lean on both.
import type { master } from '@mesita/sdk/types';
import { toJson } from '../../wire/json.ts';
import * as schema from '../../wire/schema/master.ts';

type Json = Record<string, unknown>;

const lists: Readonly<Record<string, readonly string[]>> = {
  get_tasks: ['tasks', 'unreachable_tasks', 'completed_tasks'],
  get_executors: ['executors'],
  get_frameworks: ['frameworks', 'completed_frameworks'],
  get_agents: ['agents', 'recovered_agents'],
};

export function responseJson(response: master.Response): string {
  const json = toJson(schema.Response, response) as Json;
  complete(json);
  if (json.get_state) complete(json.get_state as Json);
  return JSON.stringify(json);
}

export function eventJson(event: master.Event): string {
  const json = toJson(schema.Event, event) as Json;
  const subscribed = json.subscribed as Json | undefined;
  if (subscribed?.get_state) complete(subscribed.get_state as Json);
  const added = json.agent_added as { agent: Json } | undefined;
  if (added) showCheckpoint(added.agent);
  return JSON.stringify(json);
}

function complete(parent: Json): void {
  for (const [member, names] of Object.entries(lists)) {
    const answer = parent[member] as Json | undefined;
    if (!answer) continue;
    for (const name of names) answer[name] ??= [];
  }
  const agents = parent.get_agents as { agents: Json[]; recovered_agents: Json[] } | undefined;
  for (const agent of agents?.agents ?? []) showCheckpoint(agent);
  for (const info of agents?.recovered_agents ?? []) info.checkpoint = true;
}

function showCheckpoint(agent: Json): void {
  (agent.agent_info as Json).checkpoint = true;
}
