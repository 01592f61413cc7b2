import type { ResourceStatistics } from '@mesita/sdk/types';
import { tryReadGroupFile } from '../../linux/cgroups/groups.ts';
import type { Group } from './subsystem.ts';

/** How long processes of the group waited for it. Undefined on version 1 and where it is not kept. */
export function readStalls(
  group: Group,
  what: 'cpu' | 'memory' | 'io',
): ResourceStatistics.Stalls | undefined {
  if (group.version === 1) return undefined;
  const text = tryReadGroupFile(group.directory(what), `${what}.pressure`);
  return text === undefined ? undefined : parseStalls(text);
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, and for `full` alike; totals in microseconds. */
export function parseStalls(text: string): ResourceStatistics.Stalls {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [kind = '', ...words] = line.split(' ');
    for (const word of words) {
      const [name, value] = word.split('=');
      values.set(`${kind} ${name}`, Number(value));
    }
  }
  const total = (kind: string): number | undefined => {
    const microseconds = values.get(`${kind} total`);
    return microseconds === undefined ? undefined : microseconds / 1e6;
  };
  return {
    someAvg10: values.get('some avg10'),
    someAvg60: values.get('some avg60'),
    someAvg300: values.get('some avg300'),
    someTotalSecs: total('some'),
    fullAvg10: values.get('full avg10'),
    fullAvg60: values.get('full avg60'),
    fullAvg300: values.get('full avg300'),
    fullTotalSecs: total('full'),
  };
}
