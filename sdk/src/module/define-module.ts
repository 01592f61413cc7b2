import type { AgentModuleContext, IsolatorContext, ModuleContext } from './context.ts';
import type * as kinds from './kinds/index.ts';
import type { Infer, Params } from './param.ts';

/** The SDK's major version. It grows when a module written for the one before could misbehave. */
export const MODULE_API_VERSION = 1;

// Looked up by name, so that a module that brought its own copy of the SDK is still recognised.
const MODULE = Symbol.for('mesita.module');
const SKIPPED = Symbol.for('mesita.module.skipped');

/** What each kind makes, and what it is given to make it. */
export interface Kinds {
  AgentOrder: { readonly instance: kinds.AgentOrder; readonly context: ModuleContext };
  Allocator: { readonly instance: kinds.Allocator; readonly context: kinds.AllocatorContext };
  AllocatorSorter: { readonly instance: kinds.AllocatorSorter; readonly context: ModuleContext };
  Anonymous: { readonly instance: kinds.Anonymous; readonly context: ModuleContext };
  Authenticatee: { readonly instance: kinds.Authenticatee; readonly context: ModuleContext };
  Authenticator: { readonly instance: kinds.Authenticator; readonly context: ModuleContext };
  Authorizer: { readonly instance: kinds.Authorizer; readonly context: ModuleContext };
  ContainerLogger: {
    readonly instance: kinds.ContainerLogger;
    readonly context: AgentModuleContext;
  };
  DiskProfileAdaptor: {
    readonly instance: kinds.DiskProfileAdaptor;
    readonly context: AgentModuleContext;
  };
  Hook: { readonly instance: kinds.Hook; readonly context: ModuleContext };
  HttpAuthenticatee: {
    readonly instance: kinds.HttpAuthenticatee;
    readonly context: ModuleContext;
  };
  HttpAuthenticator: {
    readonly instance: kinds.HttpAuthenticator;
    readonly context: ModuleContext;
  };
  Isolator: { readonly instance: kinds.Isolator; readonly context: IsolatorContext };
  MasterContender: { readonly instance: kinds.MasterContender; readonly context: ModuleContext };
  MasterDetector: { readonly instance: kinds.MasterDetector; readonly context: ModuleContext };
  OfferFilter: { readonly instance: kinds.OfferFilter; readonly context: ModuleContext };
  QoSController: { readonly instance: kinds.QoSController; readonly context: AgentModuleContext };
  QuotaPolicy: { readonly instance: kinds.QuotaPolicy; readonly context: ModuleContext };
  ResourceEstimator: {
    readonly instance: kinds.ResourceEstimator;
    readonly context: AgentModuleContext;
  };
  SecretGenerator: {
    readonly instance: kinds.SecretGenerator;
    readonly context: AgentModuleContext;
  };
  SecretResolver: { readonly instance: kinds.SecretResolver; readonly context: AgentModuleContext };
}

export type KindName = keyof Kinds & string;
export type InstanceOf<K extends KindName> = Kinds[K]['instance'];
export type ContextOf<K extends KindName> = Kinds[K]['context'];

/**
 * What any instance may have beside its kind's methods, so that a newer version of its module can
 * take up where it stops. Both or none.
 */
export interface Reloadable {
  /**
   * Called once, when a newer version was made and is about to take over; calls wait meanwhile. A
   * rejection keeps this instance. The state is JSON.
   */
  exportState?(): unknown;
  /** Called once, before any call of the kind, with what the version before exported. */
  importState?(state: unknown): void | Promise<void>;
}

/** What `create` makes. */
export type Made<K extends KindName> = InstanceOf<K> & Reloadable;

export interface ModuleDefinition<K extends KindName, P extends Params> {
  readonly kind: K;
  /** What flags and manifests call it: `org_example_EnvLabel`. Unique among all loaded modules. */
  readonly name: string;
  readonly description?: string;
  readonly author?: string;
  readonly parameters?: P;
  /**
   * The Mesita it was written for. Without it only the API version counts; with it, any other
   * version is refused unless `compatible` is there, which admits all later ones.
   */
  readonly mesitaVersion?: string;
  /** Asked once, when the module is loaded. False refuses it. */
  compatible?(): boolean;
  /**
   * Called once for each instance a daemon needs. May throw `ModuleSkipped` where the module
   * cannot work on this host; anything else thrown ends the daemon's start.
   */
  create(context: ContextOf<K>, parameters: Infer<P>): Made<K> | Promise<Made<K>>;
}

export interface Module<K extends KindName = KindName, P extends Params = Params>
  extends ModuleDefinition<K, P> {
  readonly parameters: P;
  readonly apiVersion: number;
}

export function defineModule<
  const K extends KindName,
  const P extends Params = Record<never, never>,
>(definition: ModuleDefinition<K, P>): Module<K, P> {
  const branded = {
    parameters: {} as P,
    ...definition,
    apiVersion: MODULE_API_VERSION,
    [MODULE]: true,
  };
  return Object.freeze(branded);
}

/** Is this what `defineModule` made, in whatever copy and version of the SDK? */
export function isModule(value: unknown): value is Module {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, MODULE);
}

/** "Not for this host": the module is listed with the reason, and it is no failure. */
export class ModuleSkipped extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'ModuleSkipped';
    Object.defineProperty(this, SKIPPED, { value: true });
  }
}

export function isModuleSkipped(error: unknown): error is ModuleSkipped {
  return typeof error === 'object' && error !== null && Object.hasOwn(error, SKIPPED);
}
