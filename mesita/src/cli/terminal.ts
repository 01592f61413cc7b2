interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Lines that stay, and on a real terminal one last line that is rewritten. */
export interface Terminal {
  line(text: string): void;
  /** The last line from now on; without a terminal it is not shown. */
  status(text: string): void;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  cyan(text: string): string;
}

const ERASE_LINE = '\r\x1b[2K';

export function createTerminal(output: Output, env: NodeJS.ProcessEnv): Terminal {
  const isTerminal = output.isTTY === true && env.TERM !== 'dumb';
  const hasStyle = isTerminal && (env.NO_COLOR ?? '') === '';
  let status = '';
  const style = (code: number) => (text: string) =>
    hasStyle ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    line(text) {
      output.write(status === '' ? `${text}\n` : `${ERASE_LINE}${text}\n${status}`);
    },
    status(text) {
      // A line that wraps could not be erased.
      const short = text.slice(0, (output.columns ?? 80) - 1);
      if (!isTerminal || short === status) return;
      output.write(`${status === '' ? '' : ERASE_LINE}${short}`);
      status = short;
    },
    bold: style(1),
    dim: style(2),
    red: style(31),
    green: style(32),
    cyan: style(36),
  };
}

/** Cuts a stream of bytes into lines; the last one comes with `end`. */
export function lineSplitter(onLine: (line: string) => void) {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    push(chunk: Uint8Array) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
