import type { CgroupInfo } from '@mesita/sdk/types';
import { tryReadGroupFile } from '../../../linux/cgroups/groups.ts';
import { defineCgroupIsolator } from '../define.ts';

type Statistics = CgroupInfo.Blkio.Throttling.Statistics;
type Value = CgroupInfo.Blkio.Value;

/** Counts bytes and operations by device. */
export default defineCgroupIsolator(
  'cgroups/blkio',
  'Block I/O by device',
  { v1: ['blkio'], v2: ['io'] },
  {
    usage(group) {
      if (group.version === 2) return {};
      const read = (file: string): string => tryReadGroupFile(group.directory('blkio'), file) ?? '';
      const throttling = readThrottling(
        read('blkio.throttle.io_serviced'),
        read('blkio.throttle.io_service_bytes'),
      );
      return { blkioStatistics: { throttling } };
    },
  },
);

/** `8:0 Read 123` for each device, `Total 456` for all of them, which come without a number. */
function readThrottling(serviced: string, bytes: string): Statistics[] {
  const [operations, sizes] = [byDevice(serviced), byDevice(bytes)];
  return [...new Set([...operations.keys(), ...sizes.keys()])].map((device) => {
    const [majorNumber, minorNumber] = device.split(':').map(Number);
    return {
      ...(device !== '' && {
        device: { majorNumber: majorNumber ?? 0, minorNumber: minorNumber ?? 0 },
      }),
      ioServiced: operations.get(device) ?? [],
      ioServiceBytes: sizes.get(device) ?? [],
    };
  });
}

function byDevice(text: string): Map<string, Value[]> {
  const values = new Map<string, Value[]>();
  for (const line of text.split('\n').filter(Boolean)) {
    const words = line.split(' ');
    const [value = '', op = '', device = ''] = words.reverse();
    const entry = { op: op.toUpperCase() as CgroupInfo.Blkio.Operation, value: Number(value) };
    values.set(device, [...(values.get(device) ?? []), entry]);
  }
  return values;
}
