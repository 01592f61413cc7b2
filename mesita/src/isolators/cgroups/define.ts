import { defineModule, param } from '@mesita/sdk/module';
import { createCgroupIsolator } from './isolator.ts';
import type { ControllerNames, Subsystem } from './subsystem.ts';

/** The flags of every cgroups isolator. */
export const cgroupParameters = {
  launcher: param.string({ default: 'linux' }),
  cgroups_hierarchy: param.string({ default: '/sys/fs/cgroup' }),
  cgroups_root: param.string({ default: 'mesos' }),
  cgroups_destroy_timeout: param.duration({ default: '1mins' }),
};

/** A cgroups isolator that needs nothing but its groups, or what its subsystem does with them. */
export function defineCgroupIsolator(
  name: string,
  description: string,
  controllers: ControllerNames,
  subsystem: Subsystem = {},
) {
  return defineModule({
    kind: 'Isolator',
    name,
    description,
    parameters: cgroupParameters,
    create: ({ log }, settings) =>
      createCgroupIsolator({ name, controllers, settings, subsystem, log }),
  });
}
