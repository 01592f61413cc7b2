import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { double } from '../../flags/param-types.ts';

export const fetcherFlags = group('Fetcher', {
  fetcher_cache_dir: flag(
    param.string({ default: '/tmp/mesos/fetch', help: 'Fetcher cache directory, wiped at start.' }),
  ),
  fetcher_cache_size: flag(
    param.bytes({ default: '2GB', help: 'Disk share of the fetcher cache.' }),
  ),
  fetcher_stall_timeout: flag(
    param.duration({
      default: '1mins',
      help: 'Abort a download slower than 1 byte/s for this long.',
    }),
  ),
  frameworks_home: flag(param.string({ default: '', help: 'Prefix of relative executor URIs.' })),
  hadoop_home: flag(param.string({ help: 'Hadoop home for hdfs fetches.' }), { supported: false }),
});

export const collectionFlags = group('Garbage collection', {
  gc_delay: flag(
    param.duration({
      default: '1weeks',
      help: 'Age at which sandboxes are deleted, however full the disk is.',
    }),
  ),
  gc_disk_headroom: flag(
    double({
      default: 0.1,
      help: 'Disk share kept free: sandboxes may be as old as gc_delay * (1 - headroom - usage); 0.0 to 1.0.',
    }),
  ),
  gc_non_executor_container_sandboxes: flag(
    param.bool({ default: false, help: 'Also collect nested and standalone sandboxes.' }),
  ),
  disk_watch_interval: flag(
    param.duration({ default: '1mins', help: 'How often disk usage is measured for gc.' }),
  ),
});
