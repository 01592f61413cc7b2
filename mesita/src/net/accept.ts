// Mesos does not rank by quality: a media range accepts or, with q=0, excludes.

interface Range {
  readonly name: string;
  readonly excluded: boolean;
}

function parseRanges(header: string): Range[] {
  return header.split(',').map((part) => {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    // Number('') is 0 and Number('abc') is NaN: neither accepts.
    return { name, excluded: quality !== undefined && !(Number(quality) > 0) };
  });
}

/** Whether an `Accept` header allows `type`; a missing header allows everything, an empty nothing. */
export function acceptsMediaType(header: string | undefined, type: string): boolean {
  if (header === undefined) return true;
  const ranges = parseRanges(header);
  // The most specific range that names the type decides.
  for (const name of [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*']) {
    const range = ranges.find((candidate) => candidate.name === name);
    if (range) return !range.excluded;
  }
  return false;
}

/** Whether an `Accept-Encoding` header allows `encoding`. A missing header allows none. */
export function acceptsEncoding(header: string | undefined, encoding: string): boolean {
  if (header === undefined) return false;
  const ranges = parseRanges(header);
  for (const name of [encoding, '*']) {
    const range = ranges.find((candidate) => candidate.name === name);
    if (range) return !range.excluded;
  }
  return false;
}
