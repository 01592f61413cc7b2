import { ok, type Result } from '@mesita/sdk/base';
import type { RegistryOperation } from './operation.ts';
import * as agents from './operations/agents.ts';
import * as draining from './operations/draining.ts';
import * as frameworks from './operations/frameworks.ts';
import * as maintenance from './operations/maintenance.ts';
import * as roles from './operations/roles.ts';
import type { RecordChange, RegistryRecords } from './records.ts';

/** What an operation changes: nothing where all is so already, an error where it does not apply. */
export function changesOf(
  records: RegistryRecords,
  operation: RegistryOperation,
): Result<readonly RecordChange[]> {
  switch (operation.type) {
    case 'AdmitAgent':
      return agents.admit(records, operation.info);
    case 'UpdateAgent':
      return agents.update(records, operation.info);
    case 'RemoveAgent':
      return agents.removeAgent(records, operation.id);
    case 'MarkAgentUnreachable':
      return agents.markUnreachable(records, operation.id, operation.time);
    case 'MarkAgentReachable':
      return agents.markReachable(records, operation.info);
    case 'MarkAgentGone':
      return agents.markGone(records, operation.id, operation.time);
    case 'Prune':
      return ok(agents.prune(records, operation.unreachable, operation.gone));
    case 'DrainAgent':
      return ok(
        draining.drain(records, operation.id, operation.maxGracePeriod, operation.markGone),
      );
    case 'MarkAgentDrained':
      return draining.markDrained(records, operation.id);
    case 'DeactivateAgent':
      return ok(draining.deactivate(records, operation.id));
    case 'ReactivateAgent':
      return ok(draining.reactivate(records, operation.id));
    case 'UpdateMaintenanceSchedule':
      return ok(maintenance.updateSchedule(records, operation.schedule));
    case 'StartMaintenance':
      return ok(maintenance.startMaintenance(records, operation.machines));
    case 'StopMaintenance':
      return ok(maintenance.stopMaintenance(records, operation.machines));
    case 'UpdateWeights':
      return ok(roles.updateWeights(records, operation.weights));
    case 'UpdateQuota':
      return ok(roles.updateQuota(records, operation.configs));
    case 'RecordCapabilities':
      return ok(roles.recordCapabilities(records, operation.capabilities));
    case 'ExpectFramework':
      return ok(frameworks.expectFramework(operation.id, operation.until));
    case 'ForgetFramework':
      return ok(frameworks.forgetFramework(records, operation.id));
  }
}
