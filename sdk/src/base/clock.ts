/** Milliseconds since 1970. Fractions are allowed. */
export type Instant = number;

export interface Timer {
  cancel(): void;
}

/** The only source of time for code that must run in simulation as well. */
export interface Clock {
  now(): Instant;
  /** Calls `callback` once, no earlier than `delayMs` from now. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** The only source of chance. Equal seeds give equal sequences. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A version 4 UUID in its text form. */
  uuid(): string;
}
