import type { AgentInfo } from '@mesita/sdk/types';

/** More sockets than this do not fit into one process here: as many agents share an address. */
const ADDRESSES = 2_000;
export const PORT = 5051;

export function addressOf(index: number): string {
  const host = index % ADDRESSES;
  return `127.1.${host >> 8}.${host & 255}`;
}

export function agentInfo(index: number): AgentInfo {
  const scalar = (name: string, value: number) =>
    ({ name, type: 'SCALAR', scalar: { value }, role: '*' }) as const;
  return {
    id: { value: `0a8a8d0d-6f5e-4e4e-9a7b-1f1e5a4c2b3d-S${index}` },
    hostname: `agent-${index % ADDRESSES}.example.com`,
    port: PORT,
    resources: [scalar('cpus', 32), scalar('mem', 131_072), scalar('disk', 1_000_000)],
    attributes: [{ name: 'rack', type: 'TEXT', text: { value: `r${index % 40}` } }],
  };
}
