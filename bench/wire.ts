// Encoding and decoding of an offer and of a status update, in both codecs.

import type { Offer, Resource, TaskStatus } from '@mesita/sdk/types/mesos';
import { Bench } from 'tinybench';
import { parse, stringify } from '../mesita/src/wire/json.ts';
import { decode, encode } from '../mesita/src/wire/protobuf.ts';
import * as mesos from '../mesita/src/wire/schema/mesos.ts';

const cluster = '862fdc52-2b21-4d1b-9daa-ed2774e93713';

const scalar = (name: string, value: number): Resource => ({
  name,
  type: 'SCALAR',
  scalar: { value },
  allocationInfo: { role: 'web/prod' },
  reservations: [{ type: 'DYNAMIC', role: 'web/prod', principal: 'ops' }],
});

const offer: Offer = {
  id: { value: `${cluster}-O4711` },
  frameworkId: { value: `${cluster}-0001` },
  agentId: { value: `${cluster}-S12` },
  hostname: 'node-12.rack-3.example.com',
  url: {
    scheme: 'http',
    address: { hostname: 'node-12.rack-3.example.com', ip: '10.3.0.12', port: 5051 },
    path: '/slave(1)',
  },
  resources: [
    scalar('cpus', 31.5),
    scalar('mem', 129024),
    scalar('disk', 1048576),
    scalar('gpus', 4),
    {
      name: 'ports',
      type: 'RANGES',
      ranges: {
        range: [
          { begin: 31000, end: 31999 },
          { begin: 32100, end: 32999 },
        ],
      },
      allocationInfo: { role: 'web/prod' },
    },
  ],
  attributes: [
    { name: 'rack', type: 'TEXT', text: { value: 'r3' } },
    { name: 'zone', type: 'TEXT', text: { value: 'eu-central-1a' } },
  ],
  allocationInfo: { role: 'web/prod' },
};

const status: TaskStatus = {
  taskId: { value: 'web.prod.api.4b0e6d66-1f2a-4f0c-8d8b-6f5b6f3d2a11' },
  state: 'TASK_RUNNING',
  agentId: { value: `${cluster}-S12` },
  executorId: { value: 'default' },
  timestamp: 1795331973.7994161,
  source: 'SOURCE_EXECUTOR',
  uuid: new Uint8Array(16).fill(7),
  containerStatus: {
    containerId: { value: 'df74af47-9d20-42ee-82a3-ca8cb4cf11b7' },
    networkInfos: [{ ipAddresses: [{ protocol: 'IPv4', ipAddress: '10.3.0.12' }] }],
  },
};

export async function wireBench(): Promise<void> {
  const bench = new Bench({ name: 'wire', time: 500 });
  const add = <T>(name: string, schema: Parameters<typeof encode<T>>[0], message: T) => {
    const bytes = encode(schema, message);
    const text = stringify(schema, message);
    bench
      .add(`${name}: encode, ${bytes.length} bytes`, () => encode(schema, message))
      .add(`${name}: decode`, () => decode(schema, bytes))
      .add(`${name}: stringify, ${text.length} letters`, () => stringify(schema, message))
      .add(`${name}: parse`, () => parse(schema, text));
  };
  add('offer', mesos.Offer, offer);
  add('status', mesos.TaskStatus, status);
  await bench.run();
  console.table(bench.table());
}
