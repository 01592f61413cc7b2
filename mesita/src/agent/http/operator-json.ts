// The agent API's answers as JSON. Mesos writes some of their lists even when they are empty.
import type { Response } from '@mesita/sdk/types/agent';
import { toJson } from '../../wire/json.ts';
import * as schema from '../../wire/schema/agent.ts';

type Json = Record<string, unknown>;

const lists: Readonly<Record<string, readonly string[]>> = {
  get_tasks: [
    'pending_tasks',
    'queued_tasks',
    'launched_tasks',
    'terminated_tasks',
    'completed_tasks',
  ],
  get_executors: ['executors', 'completed_executors'],
  get_frameworks: ['frameworks', 'completed_frameworks'],
};

export function responseJson(response: Response): string {
  const json = toJson(schema.Response, response) as Json;
  complete(json);
  if (json.get_state) complete(json.get_state as Json);
  return JSON.stringify(json);
}

function complete(parent: Json): void {
  for (const [member, names] of Object.entries(lists)) {
    const answer = parent[member] as Json | undefined;
    if (answer) for (const name of names) answer[name] ??= [];
  }
}
