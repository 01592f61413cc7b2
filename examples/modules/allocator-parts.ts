// Parts of the allocator, one by one: who is asked first, which agent is given away first, what is
// not offered at all, how much a role may have.
import { defineModule, param } from '@mesita/sdk/module';

/** Everybody has the same chance each time, whatever he has. */
export const randomSorter = defineModule({
  kind: 'AllocatorSorter',
  name: 'org_example_RandomSorter',
  create: ({ random }) => ({
    sort: (siblings) =>
      siblings
        .map(({ path }) => ({ path, place: random.next() }))
        .sort((a, b) => a.place - b.place)
        .map(({ path }) => path),
  }),
});

/** The fullest agents first, so that whole agents stay free for those who need one. */
export const binPacking = defineModule({
  kind: 'AgentOrder',
  name: 'org_example_BinPacking',
  parameters: {
    resource: param.string({ default: 'cpus', help: 'What fullness is measured by.' }),
  },
  create: (_, { resource }) => ({
    order: (agents) =>
      agents
        .map(({ id, available }) => ({ id, left: available.scalar(resource) }))
        .sort((a, b) => a.left - b.left)
        .map(({ id }) => id),
  }),
});

/** Agents with the attribute `pool:<name>` are for the roles of that name only. */
export const pools = defineModule({
  kind: 'OfferFilter',
  name: 'org_example_Pools',
  create: () => ({
    refuse({ agentInfo, role }) {
      const pool = agentInfo.attributes?.find(({ name }) => name === 'pool')?.text?.value;
      if (pool === undefined || role === pool || role.startsWith(`${pool}/`)) return undefined;
      return `the agent belongs to the pool ${pool}`;
    },
  }),
});

/** Nobody has more than so many processors, whatever his quota says. */
export const ceiling = defineModule({
  kind: 'QuotaPolicy',
  name: 'org_example_Ceiling',
  parameters: {
    cpus: param.string({ default: '100', help: 'The most a top-level role may have.' }),
  },
  create: (_, { cpus }) => ({
    left(role, name) {
      const top = role.path.includes('/') ? (role.parent ?? role) : role;
      const limits = role.quota?.limits.get(name);
      const own = limits === undefined ? Infinity : limits - role.consumed(name);
      return name === 'cpus' ? Math.min(own, Number(cpus) * 1000 - top.consumed(name)) : own;
    },
  }),
});
