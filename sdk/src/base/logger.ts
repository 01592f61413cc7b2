export type LogFields = Readonly<Record<string, unknown>>;

/** Passed in, never global. Texts have no final period; fields are first class. */
export interface Logger {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
}
