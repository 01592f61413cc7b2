import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { unsigned } from '../../flags/param-types.ts';

export const stateFlags = group('State and metrics', {
  max_completed_frameworks: flag(
    unsigned({ default: 50, help: 'Completed frameworks kept in memory.' }),
  ),
  max_completed_tasks_per_framework: flag(
    unsigned({ default: 1000, help: 'Completed tasks kept per framework.' }),
  ),
  max_unreachable_tasks_per_framework: flag(
    unsigned({ default: 1000, help: 'Unreachable tasks kept per framework.' }),
  ),
  max_operator_event_stream_subscribers: flag(
    unsigned({ default: 1000, help: 'Open operator event streams; oldest closed beyond it.' }),
  ),
  publish_per_framework_metrics: flag(
    param.bool({ default: true, help: 'Publish metrics per framework.' }),
  ),
  webui_dir: flag(
    param.string({ default: '/usr/local/share/mesos/webui', help: 'Files of the web UI.' }),
    { supported: false },
  ),
  memory_profiling: flag(
    param.bool({ default: false, help: 'Expose /memory-profiler when jemalloc is present.' }),
    { supported: false },
  ),
});
