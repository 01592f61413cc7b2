// HTTP reduced to what a handler needs. A server is a function: tests call it without a socket.

export interface HttpRequest {
  readonly method: string;
  /** Path as sent, without the query. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  /** What follows the route's own path, without slashes at its ends: `a/b` for `/quota/a/b`. */
  readonly rest?: string | undefined;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The whole body, gunzipped, at most the server's limit. */
  body(): Promise<Uint8Array>;
  /** The body as it arrives, for the few endpoints that read a stream. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Set when the route's realm has an authenticator that named one. */
  readonly principal?: string | undefined;
  /** What an authenticator said beside, or instead of, a name: `fid`, `eid`, `cid` of a token. */
  readonly claims?: Readonly<Record<string, string>> | undefined;
  readonly remoteAddress: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** A response that goes on. Each `write` leaves as one HTTP chunk. */
export interface HttpStream {
  /** Called once, when the head was sent. `sink.write` answers false once the client is gone. */
  open(sink: HttpSink): void;
}

/** A body that is read as fast as the client takes it, and not before. */
export interface HttpDownload {
  readonly size: number;
  /** Called once at most. Gives `size` bytes in all; a shorter one breaks the connection off. */
  read(): AsyncIterable<Uint8Array>;
  /** Called instead of `read` when the client is gone before the head could be sent. */
  cancel?(): void;
}

export interface HttpSink {
  write(chunk: Uint8Array): boolean;
  /** Resolves when the client has taken most of what was written, or is gone. */
  drained(): Promise<void>;
  end(): void;
  readonly closed: Promise<void>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | HttpStream | HttpDownload;
}

export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/**
 * Asks the authorizer for an endpoint that is authorised by its path. Called once for a request;
 * undefined lets it pass, otherwise the answer (403, or 500 when the authorizer failed).
 */
export type EndpointGuard = (request: HttpRequest) => Promise<HttpResponse | undefined>;

/** Realm names of authentication, as in Mesos: `mesos-master-readonly` and so on. */
export type Realm = string;

export interface Route {
  /** `/state`; the longest registered prefix of a path wins. */
  readonly path: string;
  readonly realm?: Realm;
  /** On a root route: serves every path of the process that no other route serves. */
  readonly isCatchAll?: boolean;
  /** One line for `/help`. */
  readonly help?: string;
  readonly handler: HttpHandler;
}

/** What libprocess calls a process: a name that owns routes and receives messages. */
export interface HttpProcess {
  readonly id: string;
  readonly routes: readonly Route[];
  /** A libprocess message. Absent: the process takes none. */
  readonly receive?: (message: ReceivedMessage) => void;
}

export interface ReceivedMessage {
  /** Sender's pid: `slave(1)@127.0.0.1:5051`. */
  readonly from: string;
  /** `mesos.internal.RegisterSlaveMessage`. */
  readonly name: string;
  readonly body: Uint8Array;
}
