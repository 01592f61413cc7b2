import process from 'node:process';

/** Our own terminal, given to what runs elsewhere. */
export interface RawTerminal {
  readonly size: { readonly rows: number; readonly columns: number } | undefined;
  onResize(listener: () => void): void;
  /** As it was before. It may be called again; the end of the process calls it too. */
  restore(): void;
}

/**
 * From here on every key is passed on, Ctrl-C too. Whatever ends the process, but SIGKILL, puts the
 * terminal back first.
 */
export function takeTerminal(): RawTerminal {
  const { stdin, stdout } = process;
  let isTaken = stdin.isTTY === true;
  const listeners: (() => void)[] = [];
  const restore = (): void => {
    if (!isTaken) return;
    isTaken = false;
    stdin.setRawMode(false);
    process.off('exit', restore);
    for (const listener of listeners) stdout.off('resize', listener);
  };
  if (isTaken) {
    stdin.setRawMode(true);
    process.once('exit', restore);
  }
  return {
    get size() {
      return stdout.isTTY ? { rows: stdout.rows, columns: stdout.columns } : undefined;
    },
    onResize(listener) {
      listeners.push(listener);
      stdout.on('resize', listener);
    },
    restore,
  };
}
