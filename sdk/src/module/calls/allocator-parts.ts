// Parts of the allocator answer within a run: at once, and in the master itself.
import { type KindCalls, request } from './call.ts';
import { json, list, number, optional, text } from './shape.ts';

const atOnce = { isImmediate: true } as const;
const kind = (methods: KindCalls['methods']): KindCalls => ({
  methods,
  callbacks: {},
  properties: {},
});

export const allocatorSorterCalls = kind({
  sort: request({ siblings: list(json), totals: json }, list(text), atOnce),
});
export const offerFilterCalls = kind({
  refuse: request({ offer: json }, optional(text), atOnce),
});
export const agentOrderCalls = kind({
  order: request({ agents: list(json) }, list(text), atOnce),
});
export const quotaPolicyCalls = kind({
  left: request({ role: json, name: text }, number, atOnce),
});
