import { defineModule } from '@mesita/sdk/module';
import type { CapabilityInfo, LinuxInfo } from '@mesita/sdk/types';
import * as schema from '../../../wire/schema/mesos.ts';
import { isRoot, need } from '../../host-needs.ts';
import { messageParam } from '../../message-param.ts';

/** What containers may do as root, at most and to begin with. */
export default defineModule({
  kind: 'Isolator',
  name: 'linux/capabilities',
  description: 'Effective and bounding capabilities',
  parameters: {
    effective_capabilities: messageParam(schema.CapabilityInfo),
    bounding_capabilities: messageParam(schema.CapabilityInfo),
  },
  create: (_context, flags) => {
    need(isRoot(), 'Linux capabilities isolator requires root permissions');
    const allowed = flags.bounding_capabilities;
    if (allowed && missingIn(allowed, flags.effective_capabilities).length > 0) {
      throw new Error('Allowed capabilities are not a subset of the bounding capabilites');
    }
    return {
      supportsNesting: true,
      supportsStandalone: true,
      async prepare(_id, { containerInfo }) {
        const asked = readAsked(containerInfo?.linuxInfo);
        const effective = asked.effective ?? flags.effective_capabilities;
        if (allowed && missingIn(allowed, asked.bounding).length > 0) {
          throw new Error(
            `Bounding capabilities '${show(asked.bounding)}', but only '${show(allowed)}' are allowed`,
          );
        }
        // Who says what it uses needs no more.
        const bounding = asked.bounding ?? allowed ?? effective;
        if (!bounding) return undefined;
        if (missingIn(bounding, effective).length > 0) {
          throw new Error(
            `Requested capabilities '${show(effective)}', but only '${show(bounding)}' are allowed`,
          );
        }
        return {
          boundingCapabilities: bounding,
          ...(effective && { effectiveCapabilities: effective }),
        };
      },
    };
  },
});

function readAsked(info: LinuxInfo | undefined) {
  if (info?.capabilityInfo && info.effectiveCapabilities) {
    throw new Error("Only one of 'capability_info' or 'effective_capabilities' is allowed");
  }
  return {
    effective: info?.effectiveCapabilities ?? info?.capabilityInfo,
    bounding: info?.boundingCapabilities,
  };
}

function missingIn(all: CapabilityInfo, some: CapabilityInfo | undefined): readonly string[] {
  return (some?.capabilities ?? []).filter((each) => !all.capabilities?.includes(each));
}

function show(info: CapabilityInfo | undefined): string {
  const names = new Set(info?.capabilities ?? []);
  return names.size === 0 ? '{}' : `{ ${[...names].join(', ')} }`;
}
