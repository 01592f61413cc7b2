export { createChannelPair } from './channel.ts';
export * from './run.ts';
export type { KindSamples, Samples } from './samples.ts';
export type { Outcome, Scene } from './scene.ts';
export { formatStory, type Story } from './story.ts';
export type { Case, Subject, Suite } from './suite.ts';
