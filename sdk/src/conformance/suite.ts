import type { ContextOf, InstanceOf, KindName } from '../module/index.ts';
import type { Samples } from './samples.ts';
import type { Scene } from './scene.ts';

/** One thing that every module of the kind does. */
export interface Case<K extends KindName = KindName> {
  /** Reads as a fact: `cleanup may come twice`. */
  readonly name: string;
  /** Rejects with a `Breach` where the module does otherwise. */
  run(scene: Scene<K>): Promise<void>;
}

/** A kind's contract, as data. */
export interface Suite<K extends KindName = KindName> {
  readonly kind: K;
  /** Methods without which an instance is none of the kind. */
  readonly required: readonly string[];
  readonly cases: readonly Case<K>[];
}

/** A module under test, and what its suite cannot know of it. */
export interface Subject<K extends KindName = KindName> {
  readonly kind: K;
  /** A new instance in that context, as a daemon makes it. */
  create(context: ContextOf<K>): InstanceOf<K> | Promise<InstanceOf<K>>;
  /** What is good and bad input to it: cases that need what is not given are skipped. */
  readonly samples?: Samples<K> | undefined;
  /** An existing directory that it may write to. */
  readonly directory?: string | undefined;
  /** How long one answer may take on this machine. */
  readonly patienceMs?: number | undefined;
}
