/** What `/explain` answers, as far as it is told to people. */
export interface Answer {
  readonly framework: Subject;
  readonly roles: readonly RoleAnswer[];
  readonly offers: readonly OfferAnswer[];
}

export interface Subject {
  readonly id: string;
  readonly name?: string;
  readonly active: boolean;
  readonly roles: readonly string[];
  readonly suppressed_roles: readonly string[];
  readonly outstanding_offers: number;
}

export interface RoleAnswer {
  readonly role: string;
  readonly dominant_share?: number;
  readonly agents_open: number;
  readonly stopped: readonly { readonly gate: string; readonly agents: number }[];
  readonly asked_before: readonly {
    readonly framework_id: string;
    readonly name?: string;
    readonly dominant_share?: number;
  }[];
  readonly role_dominant_share?: number;
  readonly roles_asked_before?: readonly {
    readonly role: string;
    readonly dominant_share?: number;
  }[];
  readonly agents: readonly AgentAnswer[];
}

export interface AgentAnswer {
  readonly agent_id: string;
  readonly hostname?: string;
  readonly gate: string | null;
  readonly reason: string;
  readonly remedy?: string;
}

export interface OfferAnswer {
  readonly agent_id: string;
  readonly hostname?: string;
  readonly role: string;
  readonly resources: string;
  readonly offered_at: number;
  readonly outcome: string;
}
