export type * from './allocator.ts';
export type * from './isolator.ts';
