// What modules of all kinds do in a cluster, and when they do otherwise.
import type { KindName } from '@mesita/sdk/module';
import type { Home } from '../../../../src/modules/manifest.ts';

/** Kinds of one instance each, by the daemon that calls them of itself. */
export const masterKinds = [
  'Allocator',
  'Anonymous',
  'Authenticator',
  'Authorizer',
] as const satisfies readonly KindName[];
export const agentKinds = [
  'Authenticatee',
  'ContainerLogger',
  'Hook',
  'HttpAuthenticator',
  'Isolator',
  'MasterDetector',
  'QoSController',
  'ResourceEstimator',
  'SecretGenerator',
  'SecretResolver',
] as const satisfies readonly KindName[];
export type FaultyKind = (typeof masterKinds)[number] | (typeof agentKinds)[number];

export const nameOf = (kind: FaultyKind): string => `Faulty${kind}`;

/** Each with the figure that counts it. */
const answers = { throws: 'failures', 'answers nonsense': 'nonsense', hangs: 'timeouts' };
const harm = {
  'is busy for ever': 'restarts',
  exits: 'restarts',
  crashes: 'restarts',
  leaks: 'restarts',
  floods: 'restarts',
};
export const misdeeds: Readonly<Record<Home, Readonly<Record<string, string>>>> = {
  daemon: answers,
  worker: { ...answers, ...harm },
  process: { ...answers, ...harm },
  program: { ...answers, ...harm },
};

/**
 * Who is waited for may be silent, and nobody can tell. That a thread or a process of Node does not
 * even react is found out; a program may well do one thing at a time.
 */
export function isNoFault(home: Home, kind: FaultyKind, deed: string): boolean {
  if (kind !== 'QoSController' && kind !== 'MasterDetector') return false;
  return deed === 'hangs' || (deed === 'is busy for ever' && home === 'program');
}

/** What these shall do, once each, whatever lives their instances have meanwhile. */
export interface Order {
  /** Another one for each order. */
  readonly number: number;
  readonly deed: string;
  /** Kinds; in an election, instances. */
  readonly whom: readonly string[];
}

/**
 * Of each library and program: `misbehave(who)` does what the file `order` says now, and leaves a
 * mark that it did.
 */
export const deeds = (folder: string) => `
import fs from 'node:fs';
import process from 'node:process';
function deedOf(who) {
  const { number, deed, whom } = read('order') ?? {};
  if (!whom?.includes(who)) return undefined;
  try { fs.closeSync(fs.openSync('${folder}/done.' + who + '.' + number, 'wx')); } catch { return undefined; }
  return deed;
}
function read(name) {
  try { return JSON.parse(fs.readFileSync('${folder}/' + name, 'utf8')); } catch { return undefined; }
}
async function floodForEver(flood) {
  for (;;) {
    for (let line = 0; line < 2_000; line++) flood(line);
    await new Promise(setImmediate);
  }
}
function misbehave(who, flood) {
  switch (deedOf(who)) {
    case undefined: return undefined;
    case 'throws': throw new Error('I throw');
    case 'answers nonsense': return { answer: Promise.resolve(42) };
    case 'hangs': return { answer: new Promise(() => {}) };
    case 'is busy for ever': for (;;);
    case 'exits': return process.exit(3);
    case 'crashes': setTimeout(() => { throw new Error('nobody catches me'); }); return { answer: new Promise(() => {}) };
    case 'leaks': { const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length)); }
    case 'floods': return { answer: floodForEver(flood) };
  }
}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Who leads, as a test writes it. */
const readLeader = () => read('leader');
`;
