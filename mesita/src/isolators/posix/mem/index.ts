import { defineModule } from '@mesita/sdk/module';
import { measureTree } from '../../../linux/process-usage.ts';
import { rememberPids } from '../container-pids.ts';

/** Reports resident memory; limits nothing. */
export default defineModule({
  kind: 'Isolator',
  name: 'posix/mem',
  description: 'Resident memory of each container, from /proc',
  create: () => {
    const { pidOf, ...remembering } = rememberPids();
    return {
      ...remembering,
      supportsNesting: true,
      supportsStandalone: true,
      async usage(id) {
        const pid = pidOf(id);
        return pid === undefined ? {} : { memRssBytes: (await measureTree(pid)).residentBytes };
      },
    };
  },
});
