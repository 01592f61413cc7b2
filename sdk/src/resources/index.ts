export * from './attributes.ts';
export * from './checkpointed.ts';
export { withoutVolume } from './conversions.ts';
export type { Descriptor } from './descriptor.ts';
export { isDisk, isPersistentVolume, persistentVolumePath } from './disk.ts';
export * from './format.ts';
export type { Item } from './item.ts';
export * from './labels.ts';
export * from './limits.ts';
export * from './parse.ts';
export * from './quantities.ts';
export {
  commonReservations,
  hasRefinedReservations,
  isDynamicallyReserved,
  isReserved,
  isUnreserved,
  type ReservationFormat,
  reservationRole,
  toEndpointFormat,
  toPostRefinement,
  toPreRefinement,
} from './reservations.ts';
export {
  hasResourceProvider,
  isAllocatableTo,
  isAllocatedToRoleSubtree,
  isReservedToRoleSubtree,
  isRevocable,
  isShared,
  validateResource,
} from './resource.ts';
export * from './resources.ts';
export * from './roles.ts';
export * from './shrink.ts';
export * from './value-ranges.ts';
export * from './value-scalar.ts';
export * from './values.ts';
