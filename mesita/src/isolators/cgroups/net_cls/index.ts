import { defineModule, param } from '@mesita/sdk/module';
import { readGroupFile, writeGroupFile } from '../../../linux/cgroups/groups.ts';
import { cgroupParameters } from '../define.ts';
import { createCgroupIsolator } from '../isolator.ts';
import { createHandles } from './handles.ts';

/** Marks a container's packets with a class id, for the host's traffic control. */
export default defineModule({
  kind: 'Isolator',
  name: 'cgroups/net_cls',
  description: 'A class id for the packets of each container',
  parameters: {
    ...cgroupParameters,
    cgroups_net_cls_primary_handle: param.string(),
    cgroups_net_cls_secondary_handles: param.string(),
  },
  create: ({ log }, settings) => {
    const handles = createHandles(
      settings.cgroups_net_cls_primary_handle,
      settings.cgroups_net_cls_secondary_handles,
    );
    const classes = new Map<string, number>();
    return createCgroupIsolator({
      name: 'cgroups/net_cls',
      controllers: { v1: ['net_cls'], v2: undefined },
      settings,
      log,
      subsystem: {
        async prepare({ key, directory }) {
          if (!handles) return;
          const handle = handles.take();
          classes.set(key, handle);
          await writeGroupFile(directory('net_cls'), 'net_cls.classid', String(handle));
        },
        recover({ key, directory }) {
          const handle = Number(readGroupFile(directory('net_cls'), 'net_cls.classid'));
          if (handle === 0) return;
          handles?.keep(handle);
          classes.set(key, handle);
        },
        status({ key }) {
          const classid = classes.get(key);
          return classid === undefined ? {} : { cgroupInfo: { netCls: { classid } } };
        },
        cleanup({ key }) {
          const handle = classes.get(key);
          if (handle !== undefined) handles?.free(handle);
          classes.delete(key);
        },
      },
    });
  },
});
