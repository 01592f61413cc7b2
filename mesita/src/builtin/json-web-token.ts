// JSON Web Tokens of RFC 7519 as Mesos makes and takes them: HS256, and nothing else.
import { createHmac } from 'node:crypto';
import { err, ok, type Result } from '@mesita/sdk/base';
import { equalSecrets } from './equal-secrets.ts';

type Claims = Readonly<Record<string, string>>;

export function signToken(claims: Claims, key: string): string {
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${text}.${sign(text, key).toString('base64url')}`;
}

/** The claims, as texts. */
export function verifyToken(token: string, key: string, nowMs: number): Result<Claims> {
  const [head, body, signature, ...rest] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined || rest.length > 0) {
    return err(`Expected 3 components in token, got ${token.split('.').length}`);
  }
  const header = decode(head, 'header');
  if (!header.ok) return header;
  const flaw = findFlawOfHeader(header.value);
  if (flaw !== undefined) return err(flaw);
  const payload = decode(body, 'payload');
  if (!payload.ok) return payload;
  const expired = findExpiry(payload.value, nowMs);
  if (expired !== undefined) return err(expired);
  const given = Buffer.from(signature, 'base64url');
  if (!equalSecrets(given, sign(`${head}.${body}`, key))) {
    return err('Token signature does not match');
  }
  const texts = Object.entries(payload.value).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return ok(Object.fromEntries(texts));
}

type Json = Readonly<Record<string, unknown>>;

function findFlawOfHeader({ typ, alg, crit }: Json): string | undefined {
  if (typ !== undefined && typeof typ !== 'string') return "Token 'typ' is not a string";
  if (alg === undefined) return "Failed to locate 'alg' in token JSON header";
  if (typeof alg !== 'string') return "Token 'alg' field is not a string";
  if (!['none', 'HS256', 'RS256'].includes(alg)) return `Unsupported token algorithm: ${alg}`;
  if (crit !== undefined) return "Token 'crit' field is unsupported";
  return alg === 'HS256'
    ? undefined
    : `Token 'alg' value "${alg}" does not match, expected "HS256"`;
}

function findExpiry({ exp }: Json, nowMs: number): string | undefined {
  if (exp === undefined) return undefined;
  if (typeof exp !== 'number') return "JSON payload 'exp' field is not a number";
  const [until, now] = [Math.trunc(exp), Math.trunc(nowMs / 1000)];
  return until < now ? `Token has expired: exp(${until}) < now(${now})` : undefined;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string, what: 'header' | 'payload'): Result<Json> {
  const failed = `Failed to decode token ${what}: `;
  if (!/^[\w-]*={0,2}$/.test(part)) return err(`${failed}Failed to base64url-decode`);
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return ok(value as Json);
    }
  } catch {
    // Whatever is wrong with it, it is the client's.
  }
  return err(`${failed}Failed to parse into JSON`);
}

function sign(text: string, key: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
