const REDACTED = '<redacted>';
/** Base64 of a text that says so: what reads it as bytes can. */
const REDACTED_BYTES = Buffer.from(REDACTED).toString('base64');

const secretNames =
  /^(secret|secret_key|password|token|authorization|proxy-authorization|cookie|set-cookie)$/i;

/**
 * A copy of what a call says in JSON, without secrets: values of `Secret`, of credentials, of headers
 * that authenticate.
 */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, redactMember(name, member)]),
  );
}

function redactMember(name: string, member: unknown): unknown {
  if (typeof member === 'string' && secretNames.test(name)) return REDACTED;
  if (name === 'value' && isSecretValue(member)) return { data: REDACTED_BYTES };
  return redact(member);
}

/** `Secret.Value`: nothing but bytes. */
function isSecretValue(member: unknown): boolean {
  return (
    typeof member === 'object' &&
    member !== null &&
    typeof (member as { data?: unknown }).data === 'string' &&
    Object.keys(member).length === 1
  );
}

/** Bytes as an answer are the value of a secret. */
export const redactedBytes = REDACTED_BYTES;
