import { validateRole } from '@mesita/sdk/resources';
import { machineKey } from '../state.ts';
import { validateQuotaConfig } from '../validation/quota-config.ts';
import type { WholeRegistry } from './whole.ts';

/** Why no master can have written this registry; undefined when one can. */
export function findContradiction(registry: WholeRegistry): string | undefined {
  const admitted = (registry.agents?.agents ?? []).map(({ info }) => info.id?.value ?? '');
  const unreachable = (registry.unreachable?.agents ?? []).map(({ id }) => id.value);
  const gone = (registry.gone?.agents ?? []).map(({ id }) => id.value);
  const machines = (registry.machines?.machines ?? []).map(({ info }) => machineKey(info.id));
  const weights = (registry.weights ?? []).map(({ info }) => info.role ?? '*');
  const quotas = [
    ...(registry.quotas ?? []).map(({ info }) => info.role ?? ''),
    ...(registry.quotaConfigs ?? []).map(({ role }) => role),
  ];
  return (
    wrongNames('agent', [...admitted, ...unreachable, ...gone]) ??
    wrongNames('machine', machines) ??
    wrongNames('weight of role', weights) ??
    wrongNames('quota of role', quotas) ??
    wrongNames(
      'framework',
      (registry.frameworks ?? []).map(({ id }) => id.value),
    ) ??
    wrongWeight(registry) ??
    wrongQuota(registry) ??
    wrongSchedule(registry)
  );
}

function wrongNames(what: string, names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (name === '' || name === '|') return `it has one ${what} without a name`;
    if (seen.has(name)) return `it names ${what} '${name}' twice`;
    seen.add(name);
  }
  return undefined;
}

function wrongWeight({ weights = [] }: WholeRegistry): string | undefined {
  for (const { info } of weights) {
    const reason = validateRole(info.role ?? '*');
    if (reason !== undefined) return reason;
    if (!(info.weight > 0)) return `the weight of role '${info.role}' is not positive`;
  }
  return undefined;
}

function wrongQuota({ quotaConfigs = [], quotas = [] }: WholeRegistry): string | undefined {
  for (const config of quotaConfigs) {
    const reason = validateQuotaConfig(config);
    if (reason !== undefined) return reason;
  }
  for (const { info } of quotas) {
    const reason = validateRole(info.role ?? '');
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function wrongSchedule({ schedules = [], machines }: WholeRegistry): string | undefined {
  const known = new Set((machines?.machines ?? []).map(({ info }) => machineKey(info.id)));
  for (const { windows = [] } of schedules) {
    for (const { machineIds = [] } of windows) {
      const missing = machineIds.find((id) => !known.has(machineKey(id)));
      if (missing)
        return `its schedule names machine '${missing.hostname ?? missing.ip}', its machines do not`;
    }
  }
  return undefined;
}
