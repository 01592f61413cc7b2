import type { CgroupInfo } from '@mesita/sdk/types';
import { tryReadGroupFile } from '../../../linux/cgroups/groups.ts';
import { defineCgroupIsolator } from '../define.ts';
import { readStalls } from '../stalls.ts';

type Statistics = CgroupInfo.Blkio.Throttling.Statistics;
type Value = CgroupInfo.Blkio.Value;

/** Counts bytes and operations by device. */
export default defineCgroupIsolator(
  'cgroups/blkio',
  'Block I/O by device',
  { v1: ['blkio'], v2: ['io'] },
  {
    usage(group) {
      const read = (file: string): string => tryReadGroupFile(group.directory('blkio'), file) ?? '';
      if (group.version === 2) {
        return {
          ioStalls: readStalls(group, 'io'),
          blkioStatistics: { throttling: readUnified(read('io.stat')) },
        };
      }
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

const unifiedNames = [
  ['READ', 'rios', 'rbytes'],
  ['WRITE', 'wios', 'wbytes'],
  ['DISCARD', 'dios', 'dbytes'],
] as const;

/** `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6` for each device. */
function readUnified(text: string): Statistics[] {
  return text
    .split('\n')
    .filter((line) => line.includes('='))
    .map((line) => {
      const [device = '', ...words] = line.split(' ');
      const [majorNumber = 0, minorNumber = 0] = device.split(':').map(Number);
      const values = new Map(words.map((word) => word.split('=') as [string, string]));
      const read = (column: 1 | 2): Value[] => {
        const each = unifiedNames.map((names) => ({
          op: names[0],
          value: Number(values.get(names[column]) ?? 0),
        }));
        return [...each, { op: 'TOTAL', value: each.reduce((sum, { value }) => sum + value, 0) }];
      };
      return { device: { majorNumber, minorNumber }, ioServiced: read(1), ioServiceBytes: read(2) };
    });
}
