import type { TimeInfo } from '@mesita/sdk/types';
import type { FrameworkID } from '@mesita/sdk/types/mesos';
import { put, type RecordChange, type RegistryRecords, remove } from '../records.ts';

export function expectFramework({ value }: FrameworkID, until: TimeInfo): readonly RecordChange[] {
  return [put('frameworks', value, until)];
}

export function forgetFramework(
  { frameworks }: RegistryRecords,
  { value }: FrameworkID,
): readonly RecordChange[] {
  return frameworks.has(value) ? [remove('frameworks', value)] : [];
}
