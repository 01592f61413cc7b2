import { err, ok, type Result } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo, Attribute, Resource, Value } from '@mesita/sdk/types';
import { encode } from '../../wire/protobuf.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { toTextFormat } from '../../wire/text-format.ts';

export type ReconfigurationPolicy = 'equal' | 'additive';

/** Whether a restarted agent may keep its id although its flags changed; `current` has that id. */
export function checkCompatible(
  policy: ReconfigurationPolicy,
  previous: AgentInfo,
  current: AgentInfo,
): Result<void> {
  return policy === 'equal' ? checkEqual(previous, current) : checkAdditive(previous, current);
}

function checkEqual(previous: AgentInfo, current: AgentInfo): Result<void> {
  if (isSame(previous, current)) return ok(undefined);
  const line = '\n------------------------------------------------------------';
  return err(
    [
      'Incompatible agent info detected. ',
      line,
      `Old agent info:\n${toTextFormat(mesos.AgentInfo, withoutUnknown(previous))}`,
      line,
      `New agent info:\n${toTextFormat(mesos.AgentInfo, withoutUnknown(current))}`,
      line,
    ].join('\n'),
  );
}

function isSame(previous: AgentInfo, current: AgentInfo): boolean {
  const [a, b] = [resourcesOf(previous), resourcesOf(current)];
  const bytes = (info: AgentInfo) =>
    Buffer.from(encode(mesos.AgentInfo, { ...withoutUnknown(info), resources: [] }));
  return a.equals(b) && bytes(previous).equals(bytes(current));
}

/** `checkpoint`, which every SlaveInfo on disk carries, is no fact of the agent. */
function withoutUnknown({ $unknown: _, ...info }: AgentInfo): AgentInfo {
  return info;
}

function resourcesOf(info: AgentInfo): Resources {
  return Resources.of(info.resources ?? []);
}

function checkAdditive(previous: AgentInfo, current: AgentInfo): Result<void> {
  const changed = 'Configuration change not permitted under `additive` policy: ';
  if (previous.hostname !== current.hostname) {
    return err(`${changed}Hostname changed from ${previous.hostname} to ${current.hostname}`);
  }
  if (previous.port !== current.port) {
    return err(`${changed}Port changed from ${previous.port} to ${current.port}`);
  }
  if (previous.domain && !isSameDomain(previous, current)) {
    const text = ({ domain }: AgentInfo) => (domain ? toTextFormat(mesos.DomainInfo, domain) : '');
    return err(`${changed}Domain changed from ${text(previous)} to ${text(current)}`);
  }
  const theirs = resourcesOf(current).toMessages();
  for (const resource of resourcesOf(previous).toMessages()) {
    const checked = checkResource(resource, theirs);
    if (!checked.ok) return checked;
  }
  for (const attribute of previous.attributes ?? []) {
    const checked = checkAttribute(attribute, current.attributes ?? []);
    if (!checked.ok) return checked;
  }
  return ok(undefined);
}

function isSameDomain(previous: AgentInfo, current: AgentInfo): boolean {
  const bytes = ({ domain }: AgentInfo) =>
    domain ? Buffer.from(encode(mesos.DomainInfo, domain)) : undefined;
  const [a, b] = [bytes(previous), bytes(current)];
  return a !== undefined && b !== undefined && a.equals(b);
}

const changedAdditive = "Configuration change not permitted under 'additive' policy: ";

function checkResource(before: Resource, all: readonly Resource[]): Result<void> {
  const { name } = before;
  const after = all.find((candidate) => isSameKind(before, candidate));
  if (!after) {
    const text = Resources.of([before]).toString();
    return err(
      `Configuration change not permitted under 'additive' policy. Resource not found: ${text}`,
    );
  }
  if (before.type === 'SCALAR') {
    const [was, is] = [before.scalar?.value ?? 0, after.scalar?.value ?? 0];
    if (was <= is) return ok(undefined);
    return err(
      `${changedAdditive}Value of scalar resource '${name}' decreased from ${was} to ${is}`,
    );
  }
  if (Resources.of([after]).contains(Resources.of([before]))) return ok(undefined);
  const kind = before.type === 'RANGES' ? 'range' : 'set';
  return err(
    `${changedAdditive}Previous value of ${kind} resource '${name}' (${valueText(before)}) ` +
      `not included in current ${valueText(after)}`,
  );
}

/** Two amounts of the same thing: equal but for how much there is. */
function isSameKind(a: Resource, b: Resource): boolean {
  const kind = ({ scalar: _s, ranges: _r, set: _t, ...rest }: Resource) =>
    Buffer.from(encode(mesos.Resource, rest as Resource));
  return kind(a).equals(kind(b));
}

function checkAttribute(before: Attribute, all: readonly Attribute[]): Result<void> {
  const { name } = before;
  const after = all.find((candidate) => candidate.name === name);
  if (!after) {
    return err(
      `${changedAdditive}Couldn't find attribute ${toTextFormat(mesos.Attribute, before)}`,
    );
  }
  if (after.type !== before.type) {
    return err(
      `${changedAdditive}Type of attribute '${name}' changed from ${before.type} to ${after.type}`,
    );
  }
  const [was, is] = [valueText(before), valueText(after)];
  if (was === is) return ok(undefined);
  if (before.type === 'RANGES') {
    return err(
      `Previous value of ranges resource '${name}' (${was}) not included in current ${is}`,
    );
  }
  const kind = before.type === 'SCALAR' ? 'scalar' : 'text';
  return err(`${changedAdditive}Value of ${kind} attribute '${name}' changed from ${was} to ${is}`);
}

interface Valued {
  readonly scalar?: Value.Scalar | undefined;
  readonly ranges?: Value.Ranges | undefined;
  readonly set?: Value.Set | undefined;
  readonly text?: Value.Text | undefined;
}

function valueText({ scalar, ranges, set, text }: Valued): string {
  if (scalar) return String(scalar.value);
  if (ranges) {
    return `[${(ranges.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`;
  }
  if (set) return `{${(set.item ?? []).join(', ')}}`;
  return text?.value ?? '';
}
