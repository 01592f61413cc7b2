import type { Resource, Value } from '@mesita/sdk/types';

/** A set of ports, in order and apart. */
export type Ports = readonly Value.Range[];

export function portsOf(resources: readonly Resource[]): Ports {
  return resources.flatMap(({ name, ranges }) => (name === 'ports' ? (ranges?.range ?? []) : []));
}

export function includes(ports: Ports, port: number): boolean {
  return ports.some(({ begin, end }) => begin <= port && port <= end);
}

export function toRanges(ports: Iterable<number>): Ports {
  const ranges: { begin: number; end: number }[] = [];
  for (const port of [...new Set(ports)].sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last && last.end + 1 === port) last.end = port;
    else ranges.push({ begin: port, end: port });
  }
  return ranges;
}

export function formatPorts(ports: Ports): string {
  return `[${ports.map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`;
}
