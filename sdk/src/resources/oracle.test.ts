import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Offer, Resource, Value } from '../types/mesos.ts';
import * as api from './index.ts';
import { Resources } from './index.ts';
import { itemOf, messageOf } from './item.ts';
import { addItems, itemsContain, subtractItems } from './value-set.ts';

// What the real C++ classes answered, one question a line: `{e: kind, …inputs, r: answer}`.
// Answers are `{ok, text?}`, `{error}`, `{invalid}` (refused before), `{abort}` (the process died).

// biome-ignore lint/suspicious/noExplicitAny: questions of thirty shapes, read only here.
type Json = any;
type Answer = { ok?: Json; text?: string; error?: string; invalid?: string; abort?: string };

const lines: Json[] = gunzipSync(
  readFileSync(new URL('./testdata/resources.jsonl.gz', import.meta.url)),
)
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

// ---- the oracle's short objects and our messages ----

function present(object: Record<string, unknown>): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function reservationIn({ labels, ...rest }: Json): Json {
  return { ...rest, ...(labels && { labels: { labels } }) };
}

function resourceIn(o: Json): Resource {
  const source = o.disk?.source;
  const root = (kind: string) =>
    source[`${kind}_root`] ?? (source.type === kind.toUpperCase() ? source.root : undefined);
  const place = (kind: string) => (root(kind) === undefined ? undefined : { root: root(kind) });
  const volume = o.disk?.volume;
  return present({
    name: o.name,
    type: o.type ?? (o.ranges ? 'RANGES' : o.set ? 'SET' : 'SCALAR'),
    scalar: o.scalar === undefined ? undefined : { value: Number(o.scalar) },
    ranges: o.ranges && { range: o.ranges.map(([begin, end]: number[]) => ({ begin, end })) },
    set: o.set && { item: o.set },
    role: o.role,
    reservation: o.reservation && reservationIn(o.reservation),
    reservations: o.reservations?.map(reservationIn),
    disk:
      o.disk &&
      present({
        source:
          source &&
          present({
            type: source.type,
            path: place('path'),
            mount: place('mount'),
            id: source.id,
            profile: source.profile,
            vendor: source.vendor,
          }),
        persistence: o.disk.persistence,
        volume: volume && { containerPath: volume.container_path, mode: volume.mode },
      }),
    revocable: o.revocable && {},
    shared: o.shared && {},
    allocationInfo: o.allocation_role === undefined ? undefined : { role: o.allocation_role },
    providerId: o.provider_id === undefined ? undefined : { value: o.provider_id },
  });
}

/** `shared: n` stands for n copies. */
function resourcesIn(objects: Json[]): Resources {
  return Resources.of(
    objects.flatMap((o) => Array.from({ length: o.shared ?? 1 }, () => resourceIn(o))),
  );
}

function fixed(value: number): string {
  return (api.toThousandths(value) / 1000).toFixed(3).replace('-0.000', '0.000');
}

function resourceOut(r: Resource, copies = 1): Json {
  const source = r.disk?.source;
  const volume = r.disk?.volume;
  const reservation = (info: Resource.ReservationInfo, type?: string) =>
    present({
      type,
      role: type && (info.role ?? ''),
      principal: info.principal,
      labels: info.labels?.labels,
    });
  return present({
    name: r.name,
    scalar: r.scalar && fixed(r.scalar.value),
    ranges: r.ranges?.range?.map(({ begin, end }) => [begin, end]) ?? (r.ranges && []),
    set: r.set && [...(r.set.item ?? [])].sort(),
    role: r.role,
    reservation: r.reservation && reservation(r.reservation),
    reservations: r.reservations?.length
      ? r.reservations.map((info) => reservation(info, info.type ?? 'UNKNOWN'))
      : undefined,
    disk:
      r.disk &&
      present({
        source:
          source &&
          present({
            type: source.type,
            root: source.path?.root ?? source.mount?.root,
            vendor: source.vendor,
            id: source.id,
            profile: source.profile,
          }),
        persistence: r.disk.persistence && present({ ...r.disk.persistence }),
        volume: volume && { container_path: volume.containerPath, mode: volume.mode },
      }),
    revocable: r.revocable && true,
    shared: r.shared && copies,
    provider_id: r.providerId?.value,
    allocation_role: r.allocationInfo?.role,
  });
}

function sorted(objects: Json[]): Json[] {
  const inOrder = objects.map((o) =>
    o.ranges ? { ...o, ranges: [...o.ranges].sort((a, b) => a[0] - b[0]) } : o,
  );
  return inOrder
    .map((o) => JSON.stringify(o))
    .sort()
    .map((text) => JSON.parse(text));
}

function out(resources: Resources): Json[] {
  return sorted(resources.items.map((item) => resourceOut(messageOf(item), item.copies)));
}

const whole = (resources: Resources): Answer => ({ ok: out(resources), text: String(resources) });
const amounts = (pairs: Iterable<[string, number]>): Json =>
  Object.fromEntries(
    [...pairs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, amount]) => [name, (amount / 1000).toFixed(3)]),
  );
const thousandths = (object: Json): [string, number][] =>
  Object.entries(object).map(([name, value]) => [name, api.toThousandths(Number(value))]);
const quantitiesIn = (object: Json) => api.ResourceQuantities.fromThousandths(thousandths(object));
const limitsIn = (object: Json) => api.ResourceLimits.fromThousandths(thousandths(object));
const rangesIn = (pairs: number[][]) => api.coalesce(pairs.flat());
const pairsOut = (ranges: readonly number[]) =>
  ranges.flatMap((_, i) => (i % 2 ? [] : [[ranges[i], ranges[i + 1]]]));
const orNull = (error: string | undefined): Answer =>
  error === undefined ? { ok: null } : { error };
const from = <T>(
  result: { ok: true; value: T } | { ok: false; error: string },
  show: (value: T) => Answer,
): Answer => (result.ok ? show(result.value) : { error: result.error });

function operationIn(o: Json): Offer.Operation {
  const resources = (o.resources ?? []).map(resourceIn);
  const volume = o.volume && resourceIn(o.volume);
  switch (o.type) {
    case 'RESERVE':
      return {
        type: o.type,
        reserve: { resources, ...(o.source && { source: o.source.map(resourceIn) }) },
      };
    case 'UNRESERVE':
      return { type: o.type, unreserve: { resources } };
    case 'CREATE':
      return { type: o.type, create: { volumes: resources } };
    case 'DESTROY':
      return { type: o.type, destroy: { volumes: resources } };
    case 'GROW_VOLUME':
      return { type: o.type, growVolume: { volume, addition: resourceIn(o.addition) } };
    case 'SHRINK_VOLUME':
      return { type: o.type, shrinkVolume: { volume, subtract: { value: o.subtract } } };
    default:
      return { type: o.type };
  }
}

function valueOut(value: Value): Json {
  const { type, scalar, ranges, set, text } = value;
  return present({
    type,
    scalar: scalar?.value,
    ranges: ranges?.range?.map(({ begin, end }) => [begin, end]),
    set: set?.item,
    text: text?.value,
    shown: type === 'TEXT' ? undefined : api.formatValue(value),
  });
}

// ---- one function per kind of question ----

const filters: Record<string, (r: Resources, arg?: Json) => Resources> = {
  reserved: (r, role) => r.reserved(role),
  unreserved: (r) => r.unreserved(),
  revocable: (r) => r.revocable(),
  nonRevocable: (r) => r.nonRevocable(),
  shared: (r) => r.shared(),
  nonShared: (r) => r.nonShared(),
  persistentVolumes: (r) => r.persistentVolumes(),
  scalars: (r) => r.scalars(),
  allocatableTo: (r, role) => r.allocatableTo(role),
  reservedToRoleSubtree: (r, role) => r.reservedToRoleSubtree(role),
  allocatedToRoleSubtree: (r, role) => r.allocatedToRoleSubtree(role),
  get: (r, name) => r.named(name),
};

const scalarOps: Record<string, (a: number, b: number) => Json> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '==': (a, b) => a === b,
  '+': (a, b) => a + b,
  '+=': (a, b) => a + b,
  '-': (a, b) => a - b,
  '-=': (a, b) => a - b,
  id: (a) => a,
};

const ask: Record<string, (line: Json) => Answer> = {
  fromString: ({ text }) =>
    from(api.parseResources(text), (list) => ({
      ok: list.map((r) => resourceOut(api.toPostRefinement(r))),
    })),
  parse: ({ text, role }) => from(Resources.parse(text, role), whole),
  validate: ({ resource }) => orNull(api.validateResource(resourceIn(resource))),
  validateAll: ({ a }) => orNull(Resources.validate(a.map(resourceIn))),
  convert: ({ resource, format }) => {
    const post = api.toPostRefinement(resourceIn(resource));
    const converted =
      format === 'PRE'
        ? api.toPreRefinement(post)
        : format === 'POST'
          ? post
          : api.toEndpointFormat(post);
    return converted === undefined ? { abort: '' } : { ok: resourceOut(converted) };
  },
  downgrade: ({ resource }) => {
    const pre = api.toPreRefinement(api.toPostRefinement(resourceIn(resource)));
    return pre
      ? { ok: resourceOut(pre) }
      : { error: 'Cannot downgrade resources containing refined reservations' };
  },
  text: ({ a }) => whole(resourcesIn(a)),
  add: ({ a, b }) => whole(resourcesIn(a).add(resourcesIn(b))),
  sub: ({ a, b }) => whole(resourcesIn(a).subtract(resourcesIn(b))),
  contains: ({ a, b }) => ({ ok: resourcesIn(a).contains(resourcesIn(b)) }),
  equals: ({ a, b }) => ({ ok: resourcesIn(a).equals(resourcesIn(b)) }),
  filter: ({ a, f, arg }) => whole(filters[f]?.(resourcesIn(a), arg) ?? Resources.empty),
  find: ({ a, b }) => {
    const found = resourcesIn(a).find(resourcesIn(b));
    return found === undefined ? { ok: null } : whole(found);
  },
  allocate: ({ a, role }) => whole(resourcesIn(a).allocate(role)),
  unallocate: ({ a }) => whole(resourcesIn(a).unallocate()),
  allocations: ({ a }) => {
    const resources = resourcesIn(a);
    const groups = resources.allocations();
    if ([...groups.values()].reduce((total, group) => total + group.length, 0) < resources.length)
      return { abort: '' };
    return { ok: Object.fromEntries([...groups].map(([role, group]) => [role, out(group)])) };
  },
  reservations: ({ a }) => ({
    ok: Object.fromEntries(
      [...resourcesIn(a).reservations()].sort().map(([role, group]) => [role, out(group)]),
    ),
  }),
  toUnreserved: ({ a }) => whole(resourcesIn(a).toUnreserved()),
  push: ({ a, reservation }) =>
    from(resourcesIn(a).pushReservation(reservationIn(reservation)), whole),
  pop: ({ a }) => from(resourcesIn(a).popReservation(), whole),
  ancestor: ({ a, b }) => {
    const [left, right] = [resourceIn(a[0]), resourceIn(b[0])];
    const depth = api.commonReservations(left, right);
    return whole(Resources.of([{ ...left, reservations: left.reservations?.slice(0, depth) }]));
  },
  checkpointed: ({ a, b }) =>
    from(api.applyCheckpointedResources(resourcesIn(a), resourcesIn(b)), whole),
  stripped: ({ a }) => {
    const quantities = resourcesIn(a).scalars().quantities();
    return whole(Resources.of([...quantities].map(([name, amount]) => itemMessage(name, amount))));
  },
  fromResources: ({ a }) => ({ ok: amounts(resourcesIn(a).quantities()) }),
  names: ({ a }) => ({ ok: resourcesIn(a).names().sort() }),
  getters: ({ a }) => {
    const r = resourcesIn(a);
    const scalar = (name: string, factor = 1) =>
      r.items.some((item) => item.type === 'SCALAR' && item.of.template.name === name)
        ? r.scalar(name) * factor
        : undefined;
    const ports = r.ranges('ports');
    return {
      ok: present({
        cpus: scalar('cpus'),
        gpus: scalar('gpus'),
        mem_bytes: bytes(scalar('mem')),
        disk_bytes: bytes(scalar('disk')),
        ports: ports.length === 0 ? undefined : pairsOut(ports),
      }),
    };
  },
  containsQuantities: ({ a, q }) => ({ ok: resourcesIn(a).containsQuantities(quantitiesIn(q)) }),
  apply: ({ a, operations }) => {
    let resources = resourcesIn(a);
    for (const operation of operations.map(operationIn)) {
      const applied = resources.apply(operation);
      if (!applied.ok) return { error: applied.error };
      resources = applied.value;
    }
    return whole(resources);
  },
  shrink: ({ resource, target }) => {
    const item = itemOf(resourceIn(resource));
    const part = api.shrinkItem(item, api.toThousandths(target));
    return {
      ok: { fits: part !== undefined, resource: resourceOut(messageOf(part ?? item), item.copies) },
    };
  },
  shrinkQuantities: ({ a, q }) => whole(api.shrinkToQuantities(resourcesIn(a), quantitiesIn(q))),
  shrinkLimits: ({ a, q }) => whole(api.shrinkToLimits(resourcesIn(a), limitsIn(q))),
  scalar: ({ op, a, b }) => {
    const answer = scalarOps[op]?.(api.toThousandths(a), api.toThousandths(b));
    if (typeof answer === 'boolean') return { ok: answer };
    return { ok: api.fromThousandths(answer), shown: api.formatThousandths(answer) } as Answer;
  },
  scalarSum: ({ values }) => {
    const total = values.reduce((sum: number, value: number) => sum + api.toThousandths(value), 0);
    return { ok: api.fromThousandths(total), shown: api.formatThousandths(total) } as Answer;
  },
  ranges: ({ op, a, b }) => {
    const [left, right] = [rangesIn(a), rangesIn(b)];
    switch (op) {
      case '<=':
        return { ok: api.rangesContain(right, left) };
      case '==':
        return { ok: api.rangesEqual(left, right) };
      case '+':
      case '+=':
        return { ok: pairsOut(api.addRanges(left, right)) };
      case '-':
      case '-=':
        return { ok: pairsOut(api.subtractRanges(left, right)) };
      default:
        return { ok: pairsOut(left) };
    }
  },
  set: ({ op, a, b }) => {
    switch (op) {
      case '<=':
        return { ok: itemsContain(b, a) };
      case '==':
        return { ok: JSON.stringify(a) === JSON.stringify(b) };
      case '+':
      case '+=':
        return { ok: addItems(a, b) };
      default:
        return { ok: subtractItems(a, b) };
    }
  },
  value: ({ text }) => from(api.parseValue(text), (value) => ({ ok: valueOut(value) })),
  attributes: ({ text }) =>
    from(api.parseAttributes(text), (list) => ({
      ok: list.map((attribute) => {
        const { type, scalar, ranges, text: words } = attribute;
        const value = valueOut(present({ type, scalar, ranges, text: words }));
        return { name: attribute.name, value, shown: api.formatAttribute(attribute) };
      }),
    })),
  attributesEqual: ({ a, b }) => {
    const [left, right] = [api.parseAttributes(a), api.parseAttributes(b)];
    return { ok: left.ok && right.ok && api.attributesEqual(left.value, right.value) };
  },
  quantities: ({ op, a, b }) => {
    const [left, right] = [quantitiesIn(a), quantitiesIn(b)];
    if (op === 'contains') return { ok: left.contains(right) };
    if (op === '==') return { ok: left.equals(right) };
    return { ok: amounts(op.startsWith('+') ? left.add(right) : left.subtract(right)) };
  },
  limits: ({ op, a, b }) => {
    const left = limitsIn(a);
    if (op === 'containsQ') return { ok: left.allows(quantitiesIn(b)) };
    if (op === 'containsL') return { ok: left.contains(limitsIn(b)) };
    if (op === '==') return { ok: left.equals(limitsIn(b)) };
    return { ok: amounts(left.subtract(quantitiesIn(b))) };
  },
  quantitiesParse: ({ text }) =>
    from(api.ResourceQuantities.parse(text), (value) => ({ ok: amounts(value) })),
  limitsParse: ({ text }) =>
    from(api.ResourceLimits.parse(text), (value) => ({ ok: amounts(value) })),
  roleValidate: ({ role }) => orNull(api.validateRole(role)),
  rolesParse: ({ text }) => from(api.parseRoles(text), (ok) => ({ ok })),
  roleAncestors: ({ role }) => ({ ok: api.roleAncestors(role) }),
  strictSubrole: ({ a, b }) => ({ ok: api.isStrictSubroleOf(a, b) }),
};

function itemMessage(name: string, amount: number): Resource {
  return { name, type: 'SCALAR', scalar: { value: api.fromThousandths(amount) } };
}

function bytes(megabytes: number | undefined): number | undefined {
  return megabytes === undefined ? undefined : Math.trunc(megabytes) * 1048576;
}

/** Why ours may differ. Where the real process dies, ours answers with an error and lives. */
function reasonFor({ e, r, ...line }: Json, ours: Answer): string | undefined {
  if (r.abort !== undefined && (ours.error !== undefined || ours.abort !== undefined))
    return 'lives where the real one aborts';
  if (r.abort !== undefined && e === 'convert')
    return 'drops a dynamic reservation of * when converting; validation refuses it';
  if (r.invalid !== undefined && e === 'apply')
    return 'refusing incomplete operations is the work of their validation';
  if (e === 'scalar' && line.op === 'id' && ours.text === r.text)
    return 'keeps only the three decimals that count';
  if (e === 'value' && line.text === '1e18') return 'does not overflow at 9.2e15';
  if (e === 'parse' && line.text.includes('18446744073709551615'))
    return 'numbers above 2^53 lose digits in print';
  if (e.startsWith('validate') && JSON.stringify(line).includes('[[3,4],[1,5]]'))
    return 'sees overlaps in any order';
  if (e === 'ranges' && line.op.startsWith('-'))
    return 'merges ranges that overlap before subtracting';
  const isReallocated = e === 'allocate' || e === 'unallocate';
  if (isReallocated && resourcesIn(r.ok).equals(resourcesIn(ours.ok)))
    return 'sums what has become the same';
  return undefined;
}

/** Order and adjacency of intervals carry no meaning; the real class keeps them as they came. */
function comparable(e: string, answer: Answer): string {
  const isRanges = e === 'ranges' && Array.isArray(answer.ok);
  return JSON.stringify(isRanges ? { ok: pairsOut(rangesIn(answer.ok)) } : answer);
}

test('every line is answered as by the real Resources, or differs for a reason', () => {
  const reasons: Record<string, number> = {};
  const unexplained: Json[] = [];
  for (const line of lines) {
    const ours = ask[line.e]?.(line) ?? { error: 'no such kind' };
    if (comparable(line.e, ours) === comparable(line.e, line.r)) continue;
    const reason = reasonFor(line, ours);
    if (reason === undefined) unexplained.push({ line, ours });
    else reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  expect(unexplained).toEqual([]);
  expect(lines.length).toBe(2970);
  expect(reasons).toMatchInlineSnapshot(`
    {
      "does not overflow at 9.2e15": 1,
      "drops a dynamic reservation of * when converting; validation refuses it": 2,
      "keeps only the three decimals that count": 5,
      "lives where the real one aborts": 44,
      "merges ranges that overlap before subtracting": 1,
      "numbers above 2^53 lose digits in print": 1,
      "refusing incomplete operations is the work of their validation": 2,
      "sees overlaps in any order": 2,
      "sums what has become the same": 9,
    }
  `);
});
