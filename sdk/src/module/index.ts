export type * from './context.ts';
export * from './define-module.ts';
export type * from './kinds/index.ts';
export * from './param.ts';
export * from './parameters.ts';
export * from './test-context.ts';
