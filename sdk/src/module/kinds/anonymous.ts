/**
 * Runs beside the daemon and is asked nothing: one instance for each loaded module of the kind,
 * made at the daemon's start. It does what it does through its context: routes, metrics, timers.
 */
export interface Anonymous {
  /** At the daemon's end. */
  stop?(): void | Promise<void>;
}
