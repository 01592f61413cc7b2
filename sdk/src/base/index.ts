export * from './bytes.ts';
export * from './clock.ts';
export * from './duration.ts';
export * from './ids.ts';
export * from './logger.ts';
export * from './result.ts';
export * from './version.ts';
