export interface Target {
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

/**
 * Splits a request target. Undefined when the query holds a bad percent escape: such a request is
 * closed without an answer. The path keeps its escapes; `path` is empty for `*` and for an absolute
 * form without one.
 */
export function parseTarget(target: string): Target | undefined {
  const sent = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target);
  const relative = (sent ? target.slice(sent[0].length) : target).split('#', 1)[0] ?? '';
  const mark = relative.indexOf('?');
  const path = mark < 0 ? relative : relative.slice(0, mark);
  const query = parseQuery(mark < 0 ? '' : relative.slice(mark + 1));
  return query && { path, query };
}

/** Form-encoded pairs; the last of equal names counts. Undefined on a bad percent escape. */
function parseQuery(text: string): Map<string, string> | undefined {
  const query = new Map<string, string>();
  for (const pair of text.split(/[&;]/)) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeComponent(equals < 0 ? pair : pair.slice(0, equals));
    const value = decodeComponent(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    query.set(name, value);
  }
  return query;
}

/** Plus is a blank. Escapes that are no UTF-8 become U+FFFD; only bad digits are an error. */
export function decodeComponent(text: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  const plain = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(plain);
  } catch {
    return new TextDecoder().decode(
      Buffer.from(
        Buffer.from(plain)
          .toString('latin1')
          .replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
            String.fromCharCode(Number.parseInt(digits, 16)),
          ),
        'latin1',
      ),
    );
  }
}
