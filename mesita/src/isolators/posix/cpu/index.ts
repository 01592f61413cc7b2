import { defineModule } from '@mesita/sdk/module';
import { measureTree } from '../../../linux/process-usage.ts';
import { rememberPids } from '../container-pids.ts';

/** Reports CPU time; limits nothing. */
export default defineModule({
  kind: 'Isolator',
  name: 'posix/cpu',
  description: 'CPU time of each container, from /proc',
  create: () => {
    const { pidOf, ...remembering } = rememberPids();
    return {
      ...remembering,
      supportsNesting: true,
      supportsStandalone: true,
      async usage(id) {
        const pid = pidOf(id);
        if (pid === undefined) return {};
        const { userSeconds, systemSeconds } = await measureTree(pid);
        return { cpusUserTimeSecs: userSeconds, cpusSystemTimeSecs: systemSeconds };
      },
    };
  },
});
