const MAX_BYTES = 255;
// Control characters of ASCII, and what separates paths.
const FORBIDDEN = /[^ -~\u{80}-\u{10ffff}]|[/\\]/u;

const utf8 = new TextEncoder();

/** For ids of tasks, executors, agents, frameworks and volumes: they become names of files. */
export function validateId(id: string): string | undefined {
  if (id === '') return 'ID must not be empty';
  if (id.length > MAX_BYTES || utf8.encode(id).length > MAX_BYTES) {
    return `ID must not be greater than ${MAX_BYTES} characters`;
  }
  if (id === '.' || id === '..') return `'${id}' is disallowed`;
  return FORBIDDEN.test(id) ? `'${id}' contains invalid characters` : undefined;
}

/** 16 bytes with a version that RFC 4122 knows. */
export function validateUuid(bytes: Uint8Array): string | undefined {
  const version = bytes.length === 16 ? (bytes[6] as number) >> 4 : 0;
  return version >= 1 && version <= 5 ? undefined : 'Not a valid UUID';
}
