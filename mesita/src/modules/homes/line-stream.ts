/** As much as any one call may say. */
export const MAX_LINE_BYTES = 16 << 20;

/** Cuts bytes into lines of UTF-8; empty ones are skipped. `tooLong` is called once, and all ends. */
export function createLineReader(
  receive: (line: string) => void,
  tooLong: () => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let size = 0;
  let isOver = false;
  return (chunk) => {
    if (isOver) return;
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, at));
      from = at + 1;
      const line = Buffer.concat(parts).toString('utf8').trim();
      parts = [];
      size = 0;
      if (line !== '') receive(line);
    }
    parts.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size <= MAX_LINE_BYTES) return;
    isOver = true;
    parts = [];
    tooLong();
  };
}
