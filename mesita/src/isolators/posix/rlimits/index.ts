import { defineModule } from '@mesita/sdk/module';

/** Hands the limits of `ContainerInfo.rlimit_info` to the launcher, which sets them. */
export default defineModule({
  kind: 'Isolator',
  name: 'posix/rlimits',
  description: 'POSIX resource limits for the container’s process',
  create: () => ({
    supportsNesting: true,
    supportsStandalone: true,
    async prepare(_id, { containerInfo }) {
      const info = containerInfo?.rlimitInfo;
      if (!info) return undefined;
      const seen = new Set<string>();
      for (const { type = 'UNKNOWN', soft, hard } of info.rlimits ?? []) {
        if (seen.has(type)) throw new Error(`Multiple limits of type ${type}`);
        seen.add(type);
        if ((soft === undefined) !== (hard === undefined)) {
          throw new Error(`Limit ${type} needs both a soft and a hard value, or none`);
        }
      }
      return { rlimits: info };
    },
  }),
});
