import type { Credential } from '../../types/index.ts';

/** What a client said of itself: at most 64 KiB of each. */
export interface HttpAuthenticationRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly remoteAddress: string;
}

export interface Principal {
  readonly value?: string | undefined;
  readonly claims?: Readonly<Record<string, string>> | undefined;
}

/** Exactly one of the three. */
export type HttpAuthenticationResult =
  | { readonly principal: Principal }
  /** 401; each challenge becomes a `WWW-Authenticate` value. */
  | { readonly unauthorized: { readonly challenges: readonly string[]; readonly body?: string } }
  /** 403. */
  | { readonly forbidden: { readonly body?: string } };

/** Names the client of each request to an endpoint of its realms. A rejection becomes a 500. */
export interface HttpAuthenticator {
  /** `Basic`: heads its part of a combined refusal. */
  readonly scheme: string;
  /** In order for each connection; the request waits for it. */
  authenticate(
    request: HttpAuthenticationRequest,
  ): HttpAuthenticationResult | Promise<HttpAuthenticationResult>;
}

/** Puts credentials into a scheduler library's requests. */
export interface HttpAuthenticatee {
  readonly scheme: string;
  /** The headers to add. Before each request. */
  authenticate(
    request: HttpAuthenticationRequest,
    credential: Credential | undefined,
  ): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** The server refused what was sent last. */
  reset?(): void;
}

/**
 * Talks to one peer in the messages of a SASL mechanism; the daemon carries them over libprocess,
 * and tells the peer what came of it. The client speaks first, be it with an empty message.
 */
export interface AuthenticationChannel {
  send(message: Uint8Array): void;
  /**
   * Ends when the peer is gone, or when a newer attempt took this one's place. An empty message to
   * the client says that the server is satisfied.
   */
  readonly messages: AsyncIterable<Uint8Array>;
}

/** The server's side of libprocess authentication. */
export interface Authenticator {
  /** What clients are offered: `CRAM-MD5`. Absent: the module's own name. */
  readonly mechanism?: string | undefined;
  /** Once. An error ends a master that demands authentication; otherwise it is only off. */
  initialize(credentials: readonly Credential[] | undefined): void | Promise<void>;
  /** One attempt of a peer; undefined refuses it. Given up after `--authentication_v0_timeout`. */
  authenticate(
    peer: string,
    channel: AuthenticationChannel,
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

/** The client's side: asked for each attempt, of which the one before has ended or is given up. */
export interface Authenticatee {
  /** What the server must offer. Absent: the module's own name. */
  readonly mechanism?: string | undefined;
  /** False: refused for good, the agent exits. A rejection is retried. */
  authenticate(
    master: string,
    self: string,
    credential: Credential,
    channel: AuthenticationChannel,
    signal: AbortSignal,
  ): Promise<boolean>;
}
