import { defineModule } from '@mesita/sdk/module';
import { readHierarchies } from '../../../linux/cgroups/hierarchies.ts';
import { composeIsolators } from '../../compose.ts';
import blkio from '../blkio/index.ts';
import cpu from '../cpu/index.ts';
import cpuset from '../cpuset/index.ts';
import devices from '../devices/index.ts';
import hugetlb from '../hugetlb/index.ts';
import mem from '../mem/index.ts';
import netCls from '../net_cls/index.ts';
import netPrio from '../net_prio/index.ts';
import perfEvent from '../perf_event/index.ts';
import pids from '../pids/index.ts';

/** Everything that this host has. */
export default defineModule({
  kind: 'Isolator',
  name: 'cgroups/all',
  description: 'Every cgroups isolator whose controller is there',
  parameters: {
    ...cpu.parameters,
    ...mem.parameters,
    ...devices.parameters,
    ...netCls.parameters,
    ...perfEvent.parameters,
  },
  async create(context, settings) {
    const { version, unified, find } = readHierarchies(settings.cgroups_hierarchy);
    const has = (v1: string, v2: string | undefined): boolean =>
      version === 1 ? find(v1) !== undefined : v2 !== undefined && find(v2) !== undefined;
    return composeIsolators(
      await Promise.all([
        ...(has('cpu', 'cpu') ? [cpu.create(context, settings)] : []),
        ...(has('memory', 'memory') ? [mem.create(context, settings)] : []),
        ...(has('cpuset', 'cpuset') ? [cpuset.create(context, settings)] : []),
        ...(has('pids', 'pids') ? [pids.create(context, settings)] : []),
        ...(unified || find('devices') ? [devices.create(context, settings)] : []),
        ...(has('blkio', 'io') ? [blkio.create(context, settings)] : []),
        ...(has('hugetlb', 'hugetlb') ? [hugetlb.create(context, settings)] : []),
        ...(has('net_cls', undefined) ? [netCls.create(context, settings)] : []),
        ...(has('net_prio', undefined) ? [netPrio.create(context, settings)] : []),
        ...(unified || find('perf_event') ? [perfEvent.create(context, settings)] : []),
      ]),
    );
  },
});
