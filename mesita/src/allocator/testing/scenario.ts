/** A recorded scenario: steps, and what the real allocator did after each of them. */
export interface Scenario {
  readonly name: string;
  readonly rule?: string;
  readonly options: ScenarioOptions;
  readonly steps: readonly Step[];
  readonly expect: readonly Outcome[];
  /** The real allocator aborts there; that step has no outcome. */
  readonly aborts_at_step?: number;
}

export interface ScenarioOptions {
  readonly min_allocatable?: readonly Amounts[];
  readonly fairness_excluded?: readonly string[];
  readonly filter_gpu?: boolean;
  readonly domain?: Domain;
  readonly recovery_timeout?: number;
  readonly agent_recovery_factor?: number;
}

export type Amounts = Readonly<Record<string, number>>;
export interface Domain {
  readonly region: string;
  readonly zone: string;
}

/** One object of resources; keys in this order. */
export interface ResourceObject {
  readonly name: string;
  readonly scalar?: string;
  readonly ranges?: readonly (readonly [number, number])[];
  readonly set?: readonly string[];
  readonly reservations?: readonly {
    readonly type: 'STATIC' | 'DYNAMIC';
    readonly role: string;
    readonly principal?: string;
    readonly labels?: readonly { readonly key: string; readonly value?: string }[];
  }[];
  readonly disk?: {
    readonly source?: {
      readonly type: 'PATH' | 'MOUNT' | 'BLOCK' | 'RAW';
      readonly root?: string;
      readonly vendor?: string;
      readonly id?: string;
      readonly profile?: string;
    };
    readonly persistence?: { readonly id: string; readonly principal?: string };
    readonly volume?: { readonly container_path: string; readonly mode: 'RW' | 'RO' };
  };
  readonly revocable?: true;
  readonly shared?: number;
  readonly provider_id?: string;
  readonly allocation_role?: string;
}

export type ResourcesInput = string | readonly ResourceObject[];

export interface Maintenance {
  readonly start: number;
  readonly duration?: number;
}

export interface Step {
  readonly op: string;
  readonly framework?: string;
  readonly agent?: string;
  readonly roles?: readonly string[];
  readonly role?: string;
  readonly capabilities?: readonly string[];
  readonly suppressed?: readonly string[];
  readonly active?: boolean;
  readonly min_allocatable?: Readonly<Record<string, readonly Amounts[]>>;
  readonly constraints?: unknown;
  readonly used?: Readonly<Record<string, ResourcesInput>>;
  readonly hostname?: string;
  readonly attributes?: string;
  readonly domain?: Domain;
  readonly unavailability?: Maintenance | null;
  readonly resources?: ResourcesInput;
  readonly filters?: { readonly refuse_seconds?: number };
  readonly allocated?: boolean;
  readonly weights?: Amounts;
  readonly guarantees?: Amounts;
  readonly limits?: Amounts;
  readonly hostnames?: readonly string[] | null;
  readonly offered?: ResourcesInput;
  readonly conversions?: readonly {
    readonly consumed: ResourcesInput;
    readonly converted: ResourcesInput;
  }[];
  readonly operations?: readonly { readonly type: string; readonly resources: ResourcesInput }[];
  readonly status?: 'ACCEPT' | 'DECLINE';
  readonly expected?: number;
  readonly quotas?: Readonly<
    Record<string, { readonly guarantees?: Amounts; readonly limits?: Amounts }>
  >;
  readonly seconds?: number;
  readonly granularity?: number;
  readonly steps?: readonly Step[];
}

export interface Outcome {
  readonly events: readonly unknown[];
  readonly result?: string;
  readonly error?: string;
  readonly statuses?: unknown;
  readonly metrics?: Amounts;
}
