import { readFileSync } from 'node:fs';
import { Resources, toPostRefinement } from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo, master, Offer, Resource } from '@mesita/sdk/types';
import { describe, expect, test } from 'vitest';
import { fromJson } from '../../../wire/json.ts';
import * as schema from '../../../wire/schema/master.ts';
import type { OperationContext } from './operation-context.ts';
import { validateOperationResources } from './operation-resources.ts';
import { validateOperation } from './operations.ts';

const agentCapabilities = new Set<AgentInfo.Capability.Type>([
  'HIERARCHICAL_ROLE',
  'RESERVATION_REFINEMENT',
  'RESIZE_VOLUME',
]);
const byOperator: OperationContext = { agentCapabilities, checkpointed: Resources.empty, used: [] };
const framework: FrameworkInfo = { user: 'u', name: 'n', id: { value: 'fw' } };
const byFramework: OperationContext = { ...byOperator, framework, roles: new Set(['r1', 'r1/a']) };

interface Row {
  readonly id: string;
  readonly call: unknown;
  readonly status: number;
  readonly error: string | null;
}

/** The operation that a call of the operator API stands for. */
function operationOf(call: master.Call): Offer.Operation {
  const {
    reserveResources,
    unreserveResources,
    createVolumes,
    destroyVolumes,
    growVolume,
    shrinkVolume,
  } = call;
  const post = (list: readonly Resource[] = []) => list.map(toPostRefinement);
  if (reserveResources) {
    const { resources, source } = reserveResources;
    return { type: 'RESERVE', reserve: { resources: post(resources), source: post(source) } };
  }
  if (unreserveResources)
    return { type: 'UNRESERVE', unreserve: { resources: post(unreserveResources.resources) } };
  if (createVolumes) return { type: 'CREATE', create: { volumes: post(createVolumes.volumes) } };
  if (destroyVolumes)
    return { type: 'DESTROY', destroy: { volumes: post(destroyVolumes.volumes) } };
  if (growVolume) return { type: 'GROW_VOLUME', growVolume };
  if (shrinkVolume) return { type: 'SHRINK_VOLUME', shrinkVolume };
  return {};
}

test('an operator is answered as by the real master, one operation after the other', () => {
  const rows: Row[] = JSON.parse(
    readFileSync(new URL('./testdata/operator-operations.json', import.meta.url), 'utf8'),
  );
  const parsed = Resources.parse('cpus:4;mem:4096;disk:10240;ports:[31000-32000]');
  let total = parsed.ok ? parsed.value : Resources.empty;
  const differences: unknown[] = [];
  for (const { id, call, status, error } of rows) {
    const operation = operationOf(fromJson(schema.Call, call));
    const context = {
      ...byOperator,
      checkpointed: total.filter((r) => r.reservations !== undefined),
    };
    const refused = validateOperationResources(operation) ?? validateOperation(operation, context);
    const applied = total.apply(operation);
    const ours = refused ?? (applied.ok ? null : applied.error);
    const real =
      error?.replace(/^Invalid [A-Z_]+ operation( on agent .*? \(localhost\))?: /, '') ?? null;
    if (ours !== real) differences.push({ id, ours, real });
    if (status === 202 && applied.ok) total = applied.value;
  }
  expect(differences).toEqual([]);
});

describe('a framework', () => {
  const cpus = (rest: Partial<Resource> = {}): Resource => ({
    name: 'cpus',
    type: 'SCALAR',
    scalar: { value: 1 },
    reservations: [{ type: 'DYNAMIC', role: 'r1' }],
    allocationInfo: { role: 'r1' },
    ...rest,
  });
  const volume = (rest: Partial<Resource> = {}): Resource =>
    cpus({
      name: 'disk',
      disk: { persistence: { id: 'v' }, volume: { containerPath: 'data', mode: 'RW' } },
      ...rest,
    });
  const raw = (rest: Partial<Resource> = {}, id?: string): Resource => ({
    name: 'disk',
    type: 'SCALAR',
    scalar: { value: 1 },
    providerId: { value: 'rp' },
    disk: { source: { type: 'RAW', ...(id !== undefined && { id }) } },
    ...rest,
  });
  const stacked = [
    { type: 'DYNAMIC', role: 'r1' },
    { type: 'DYNAMIC', role: 'r1/a' },
  ] as const;
  const reserve = (resource: Resource, context: Partial<OperationContext> = {}) =>
    validateOperation(
      { type: 'RESERVE', reserve: { resources: [resource] } },
      { ...byFramework, ...context },
    );
  const create = (resource: Resource, context: Partial<OperationContext> = {}) =>
    validateOperation(
      { type: 'CREATE', create: { volumes: [resource] } },
      { ...byFramework, ...context },
    );
  const destroy = (context: Partial<OperationContext>) =>
    validateOperation(
      { type: 'DESTROY', destroy: { volumes: [volume()] } },
      { ...byFramework, ...context },
    );

  test('may do what it may', () => {
    const checkpointed = Resources.of([volume()]).unallocate();
    expect([
      reserve(cpus()),
      reserve(cpus({ reservations: stacked, allocationInfo: { role: 'r1/a' } })),
      create(volume()),
      destroy({ checkpointed }),
      validateOperation({ type: 'UNRESERVE', unreserve: { resources: [cpus()] } }, byFramework),
      validateOperation(
        {
          type: 'CREATE_DISK',
          createDisk: { source: raw(), targetType: 'MOUNT', targetProfile: 'f' },
        },
        byFramework,
      ),
      validateOperation(
        { type: 'DESTROY_DISK', destroyDisk: { source: raw({}, 'id') } },
        byFramework,
      ),
    ]).toEqual(new Array(7).fill(undefined));
  });

  test('is refused with the reason', () => {
    const checkpointed = Resources.of([volume()]).unallocate();
    const none = new Set<AgentInfo.Capability.Type>();
    const hierarchical = cpus({
      reservations: [{ type: 'DYNAMIC', role: 'r1/a' }],
      allocationInfo: { role: 'r1/a' },
    });
    expect({
      'for another role': reserve(cpus({ allocationInfo: { role: 'zz' } })),
      'for a role it lacks': reserve(
        cpus({ reservations: [{ type: 'DYNAMIC', role: 'zz' }], allocationInfo: { role: 'zz' } }),
      ),
      unallocated: reserve(cpus({ allocationInfo: undefined })),
      static: reserve(cpus({ reservations: [{ type: 'STATIC', role: 'r1' }] })),
      'without principal': reserve(cpus(), { principal: 'p' }),
      'with another principal': reserve(
        cpus({ reservations: [{ type: 'DYNAMIC', role: 'r1', principal: 'q' }] }),
        { principal: 'p' },
      ),
      'on an old agent': reserve(hierarchical, { agentCapabilities: none }),
      'refined on an old agent': reserve(
        cpus({ reservations: stacked, allocationInfo: { role: 'r1/a' } }),
        {
          agentCapabilities: new Set(['HIERARCHICAL_ROLE'] as const),
        },
      ),
      'of revocable resources': reserve(cpus({ revocable: {} })),
      'shared without the capability': create(volume({ shared: {} })),
      'volume without principal': create(volume(), { principal: 'p' }),
      'volume of a known id': create(volume(), { checkpointed }),
      'destroying what is not there': destroy({}),
      'destroying what is used': destroy({ checkpointed, used: [Resources.of([volume()])] }),
      'disk without profile': validateOperation(
        { type: 'CREATE_DISK', createDisk: { source: raw(), targetType: 'MOUNT' } },
        byFramework,
      ),
      'disk of no provider': validateOperation(
        { type: 'CREATE_DISK', createDisk: { source: volume(), targetType: 'MOUNT' } },
        byFramework,
      ),
      'disk without volume': validateOperation(
        { type: 'DESTROY_DISK', destroyDisk: { source: raw() } },
        byFramework,
      ),
    }).toMatchInlineSnapshot(`
      {
        "destroying what is not there": "Persistent volumes not found",
        "destroying what is used": "Persistent volumes in use",
        "disk of no provider": "'source' is not managed by a resource provider",
        "disk without profile": "'target_profile' must be set when 'source' has no profile",
        "disk without volume": "'source' is not backed by a CSI volume",
        "for a role it lacks": "A reserve operation was attempted for a resource allocated to role 'zz', but the framework only has roles '{ r1, r1/a }'",
        "for another role": "A reserve operation was attempted for a resource with role 'r1', but the resource was allocated to role 'zz'",
        "of revocable resources": "Invalid resources: Invalid ReservationInfo: Dynamically reserved resource cpus(allocated: r1)(reservations: [(DYNAMIC,r1)]){REV}:1 cannot be created from revocable resources",
        "on an old agent": "Resource cpus(allocated: r1/a)(reservations: [(DYNAMIC,r1/a)]):1 with reservation for hierarchical role 'r1/a' cannot be reserved on an agent without HIERARCHICAL_ROLE capability",
        "refined on an old agent": "Resource cpus(allocated: r1/a)(reservations: [(DYNAMIC,r1),(DYNAMIC,r1/a)]):1 with reservation refinement cannot be reserved on an agent without RESERVATION_REFINEMENT capability",
        "shared without the capability": "Create volume operation for 'disk(allocated: r1)(reservations: [(DYNAMIC,r1)])[v:data]<SHARED>:1' has been attempted by framework 'fw' with no SHARED_RESOURCES capability",
        "static": "Resource cpus(allocated: r1)(reservations: [(STATIC,r1)]):1 is not dynamically reserved",
        "unallocated": "A reserve operation was attempted on unallocated resource cpus(reservations: [(DYNAMIC,r1)]):1, but frameworks can only perform reservations on allocated resources",
        "volume of a known id": "Persistence ID 'v' is not unique",
        "volume without principal": "Create volume operation attempted by principal 'p', but there is a volume in the operation with no principal set in 'disk.persistence'",
        "with another principal": "A reserve operation was attempted by authenticated principal 'p', which does not match a reserved resource in the request with principal 'q'",
        "without principal": "A reserve operation was attempted by principal 'p', but there is a reserved resource in the request with no principal set",
      }
    `);
  });

  test('an operation must bring its part', () => {
    const types = [
      'RESERVE',
      'UNRESERVE',
      'CREATE',
      'GROW_VOLUME',
      'SHRINK_VOLUME',
      'LAUNCH',
      'UNKNOWN',
    ] as const;
    expect(types.map((type) => validateOperationResources({ type }))).toMatchInlineSnapshot(`
      [
        "A RESERVE offer operation must have the Offer.Operation.reserve field set.",
        "An UNRESERVE offer operation must have the Offer.Operation.unreserve field set.",
        "A CREATE offer operation must have the Offer.Operation.create field set.",
        "A GROW_VOLUME operation must have the Offer.Operation.grow_volume field set",
        "A SHRINK_VOLUME offer operation must have the Offer.Operation.shrink_volume field set",
        "A LAUNCH offer operation must have the Offer.Operation.launch field set.",
        "Unknown offer operation",
      ]
    `);
  });
});
