import type { Resource } from '../types/mesos.ts';
import { formatDisk } from './disk.ts';
import { formatLabels } from './labels.ts';
import { formatValue } from './values.ts';

/** `cpus(allocated: r)(reservations: [(DYNAMIC,r,principal,{k: v})]):4`, `disk[MOUNT:/m]{REV}<SHARED>:10`. */
export function formatResource(message: Resource): string {
  const { name, allocationInfo, reservations, disk, revocable, shared } = message;
  let text = name;
  if (allocationInfo !== undefined) text += `(allocated: ${allocationInfo.role ?? ''})`;
  if (reservations !== undefined && reservations.length > 0) {
    text += `(reservations: [${reservations.map(formatReservation).join(',')}])`;
  }
  if (disk !== undefined) text += `[${formatDisk(disk)}]`;
  if (revocable !== undefined) text += '{REV}';
  if (shared !== undefined) text += '<SHARED>';
  return `${text}:${formatValue(message)}`;
}

function formatReservation({ type, role, principal, labels }: Resource.ReservationInfo): string {
  const parts = [type ?? 'UNKNOWN', role ?? ''];
  if (principal !== undefined) parts.push(principal);
  if (labels !== undefined) parts.push(formatLabels(labels));
  return `(${parts.join(',')})`;
}
