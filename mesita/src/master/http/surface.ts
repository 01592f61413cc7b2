import type { FrameworkId, Instant, StreamId } from '@mesita/sdk/base';
import type { scheduler, WeightInfo } from '@mesita/sdk/types';
import type { Files } from '../../net/files.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import type { MessageType } from '../../net/media-types.ts';
import type { MasterState } from '../core/state.ts';

/** What `/version` says. Times in seconds since 1970. */
export interface BuildInfo {
  readonly version: string;
  readonly build_date: string;
  readonly build_time: number;
  readonly build_user: string;
}

/** Everything that the master's endpoints see and may ask for. */
export interface MasterSurface {
  readonly state: MasterState;
  readonly build: BuildInfo;
  /** Name → text, of every flag that has a value. */
  readonly flags: ReadonlyMap<string, string>;
  readonly files: Files;
  now(): Instant;
  metrics(timeoutMs: number | undefined): Promise<ReadonlyMap<string, number>>;
  loggingLevel(): number;
  setLoggingLevel(level: number, durationMs: number): void;
  /** A validated call. Its answer may be a stream, in `accept`'s media type. */
  schedule(call: ScheduledCall, request: HttpRequest): Promise<HttpResponse>;
  teardown(frameworkId: FrameworkId): Promise<HttpResponse>;
  updateWeights(weights: readonly WeightInfo[]): Promise<HttpResponse>;
}

export interface ScheduledCall {
  readonly call: scheduler.Call;
  /** Value of `Mesos-Stream-Id`. */
  readonly stream: StreamId | undefined;
  readonly accept: MessageType;
}
