// What masters say of themselves, asked from outside.
import { Agent, request } from 'undici';
import { waitFor } from '../harness/wait.ts';
import type { Machine, Machines } from './machines.ts';

/** No connection is kept: it might lead through a network that was cut meanwhile. */
const dispatcher = new Agent({ pipelining: 0, connect: { timeout: 400 } });

async function ask(machine: Machine, path: string, body?: string) {
  try {
    const answer = await request(`http://${machine.place.host}:${machine.port}${path}`, {
      dispatcher,
      headersTimeout: 400,
      bodyTimeout: 2_000,
      method: body === undefined ? 'GET' : 'POST',
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body }),
    });
    const text = await answer.body.text();
    return answer.statusCode === 200 ? text : undefined;
  } catch {
    return undefined;
  }
}

/** A follower sends elsewhere, and one that has not read its registry answers 503. */
async function works(machine: Machine): Promise<boolean> {
  return (await ask(machine, '/api/v1', '{"type":"GET_VERSION"}')) !== undefined;
}

/** Those that act as leaders; after a fault two may for as long as the old one's session lasts. */
export async function workingLeaders({ masters }: Machines): Promise<readonly Machine[]> {
  const working = await Promise.all(masters.map(works));
  return masters.filter((_, i) => working[i]);
}

async function registeredAgents(leader: Machine): Promise<number> {
  const text = await ask(leader, '/slaves');
  if (text === undefined) return 0;
  const { slaves } = JSON.parse(text) as { slaves: { active: boolean }[] };
  return slaves.filter(({ active }) => active).length;
}

/** Resolves with the only leader, once all agents are registered there. */
export async function settled(machines: Machines): Promise<Machine> {
  let leader: Machine | undefined;
  await waitFor(
    'one leader with all agents',
    async () => {
      const leaders = await workingLeaders(machines);
      leader = leaders[0];
      if (leaders.length !== 1 || !leader) return false;
      return (await registeredAgents(leader)) === machines.agents.length;
    },
    { timeoutMs: 90_000 },
  );
  return leader!;
}

/** Milliseconds from now until another one than `before` works; undefined when told to stop first. */
export async function timeToLeader(
  machines: Machines,
  before: Machine,
  signal: AbortSignal,
): Promise<number | undefined> {
  const began = performance.now();
  while (!signal.aborted) {
    const others = machines.masters.filter((machine) => machine !== before);
    const working = await Promise.all(others.map(works));
    if (working.some(Boolean)) return performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}
