// The RecordIO records of an open chunked answer, gathered while the test goes on.
import { AnswerTimeout, ConnectionClosed, type RawConnection } from './raw-http.ts';

export interface RecordStream {
  readonly records: readonly Buffer[];
  /** `last-chunk`: ended properly. `eof`: the connection broke. Undefined while open. */
  readonly closed: 'last-chunk' | 'eof' | undefined;
  /** Resolves when the condition holds, the stream closed, or the time is over. */
  waitFor(condition: () => boolean, timeoutMs: number): Promise<void>;
  /** Calls back with every record, those that came before too. */
  onRecord(listener: (record: Buffer) => void): void;
  close(): void;
}

export function readRecords(connection: RawConnection): RecordStream {
  const records: Buffer[] = [];
  let data = Buffer.alloc(0);
  let closed: RecordStream['closed'];
  const waiters = new Set<() => void>();
  const listeners: ((record: Buffer) => void)[] = [];
  const notify = () => {
    for (const wake of waiters) wake();
  };

  function take(): void {
    for (;;) {
      const newline = data.indexOf(10);
      if (newline < 0) return;
      const size = Number(data.subarray(0, newline).toString('latin1'));
      if (data.length < newline + 1 + size) return;
      const record = data.subarray(newline + 1, newline + 1 + size);
      records.push(record);
      for (const listener of listeners) listener(record);
      data = data.subarray(newline + 1 + size);
    }
  }

  async function pump(): Promise<void> {
    try {
      for (;;) {
        const chunk = await connection.readChunk(3_600_000);
        if (!chunk) break;
        data = Buffer.concat([data, chunk]);
        take();
        notify();
      }
      closed = 'last-chunk';
    } catch (error) {
      if (!(error instanceof ConnectionClosed || error instanceof AnswerTimeout)) throw error;
      closed = 'eof';
    }
    notify();
  }

  void pump();
  return {
    records,
    get closed() {
      return closed;
    },
    waitFor(condition, timeoutMs) {
      if (condition() || closed) return Promise.resolve();
      return new Promise((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          waiters.delete(check);
          resolve();
        };
        const check = () => {
          if (condition() || closed) finish();
        };
        const timer = setTimeout(finish, timeoutMs);
        waiters.add(check);
      });
    },
    onRecord(listener) {
      records.forEach(listener);
      listeners.push(listener);
    },
    close: () => connection.close(),
  };
}
