/** Events in the order in which they came. */
interface Mailbox<Event> {
  readonly size: number;
  put(event: Event): void;
  /** The oldest; undefined when there is none. */
  take(): Event | undefined;
  clear(): void;
}

/**
 * Two lists, one to read and one to write: after a failover tens of thousands of events wait, and
 * neither shifting one list nor cutting off its beginning is cheap then.
 */
export function createMailbox<Event>(): Mailbox<Event> {
  let reading: (Event | undefined)[] = [];
  let next = 0;
  let writing: Event[] = [];
  return {
    get size() {
      return reading.length - next + writing.length;
    },
    put(event) {
      writing.push(event);
    },
    take() {
      if (next === reading.length) {
        reading = writing;
        writing = [];
        next = 0;
      }
      const event = reading[next];
      // What was handled may be large, and the list may be long.
      if (next < reading.length) reading[next++] = undefined;
      return event;
    },
    clear() {
      reading = [];
      writing = [];
      next = 0;
    },
  };
}
