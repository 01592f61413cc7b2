import process from 'node:process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Interrupt {
  /** Aborted at the first signal that asks us to leave. */
  readonly signal: AbortSignal;
  /** The status a shell expects after that signal. */
  readonly status: number;
  /** Stops listening. */
  release(): void;
}

const STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * One Ctrl-C may reach us more than once: from the terminal, and again from npm and from the script
 * that started us, which pass on what they get.
 */
const SAME_PRESS_MS = 500;

/** The first signal asks to leave in order, the second calls `force`. */
export function onInterrupt(force: () => void): Interrupt {
  const controller = new AbortController();
  let status = 0;
  let firstAt = 0;
  const listener = (name: (typeof SIGNALS)[number]) => {
    if (!controller.signal.aborted) {
      status = STATUS[name];
      firstAt = Date.now();
      controller.abort();
    } else if (Date.now() - firstAt > SAME_PRESS_MS) force();
  };
  for (const name of SIGNALS) process.on(name, listener);
  return {
    signal: controller.signal,
    get status() {
      return status;
    },
    release: () => {
      for (const name of SIGNALS) process.off(name, listener);
    },
  };
}
