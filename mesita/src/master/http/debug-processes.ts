// Processes beside `master` that show what the registrar and the allocator hold.
import type { AgentInfo, scheduler } from '@mesita/sdk/types';
import type { HttpProcess } from '../../net/http.ts';
import { json } from '../../net/jsonp.ts';
import { viewFor } from '../../net/view.ts';
import { toJson } from '../../wire/json.ts';
import * as schema from '../../wire/schema/registry.ts';
import type { Registry } from '../../wire/types/registry.ts';
import type { Framework, MasterState } from '../core/state.ts';
import type { MasterSurface } from './surface.ts';
import { registeredIn } from './view.ts';

type Json = Record<string, unknown>;

const realm = 'mesos-master-readonly';

/** `/registrar(1)/registry`. */
export function registrarProcess(registry: () => Registry): HttpProcess {
  return {
    id: 'registrar(1)',
    routes: [
      {
        path: '/registry',
        realm,
        help: 'Shows the registry',
        handler: (request) => json(request, JSON.stringify(registryJson(registry()))),
      },
    ],
  };
}

/** Every agent known to the registry checkpoints, and v0's AgentInfo says so. */
function registryJson(registry: Registry): Json {
  const shown = toJson(schema.Registry, registry) as {
    slaves?: { slaves?: { info: Json }[] };
  };
  for (const { info } of shown.slaves?.slaves ?? []) info.checkpoint = true;
  return shown;
}

/** Answers which agents a framework's constraints keep from a role. */
type ReadConstraints = (
  constraints: scheduler.OfferConstraints,
) => { excludes(role: string, agent: AgentInfo): boolean } | undefined;

/** `/allocator/offer_constraints_debug`. */
export function allocatorProcess(
  { state, authorization }: Pick<MasterSurface, 'state' | 'authorization'>,
  read: ReadConstraints,
): HttpProcess {
  return {
    id: 'allocator',
    routes: [
      {
        path: '/offer_constraints_debug',
        realm,
        help: "Shows whom frameworks' offer constraints exclude",
        handler: (request) =>
          viewFor({ authorization }, request, (view) => {
            const frameworks = Object.fromEntries(
              registeredIn(state, view).map((f) => [f.id, exclusions(f, state, read)]),
            );
            return json(request, JSON.stringify({ frameworks }));
          }),
      },
    ],
  };
}

function exclusions(framework: Framework, state: MasterState, read: ReadConstraints): Json {
  const constraints = framework.offerConstraints && read(framework.offerConstraints);
  const excluded = (role: string) =>
    [...state.agents.registered.values()]
      .filter(({ info }) => constraints?.excludes(role, info))
      .map(({ id }) => id);
  return {
    suppressed_roles: [...framework.suppressedRoles],
    excluded_by_attribute_constraints: Object.fromEntries(
      [...framework.roles].map((role) => [role, excluded(role)]),
    ),
  };
}
