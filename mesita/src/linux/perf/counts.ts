/** How often something happened in a group. */
export interface PerfCount {
  readonly event: string;
  readonly group: string;
  /** Undefined: this machine does not count it. */
  readonly value: number | undefined;
}

/** What `perf stat --field-separator=,` prints. Throws at a line that it does not know. */
export function parseCounts(text: string): PerfCount[] {
  return text.split('\n').filter(Boolean).flatMap(parseLine);
}

/**
 * `value,unit,event,group` and more that newer tools append: time run, share of time, metrics. The
 * oldest have no unit.
 */
function parseLine(line: string): PerfCount[] {
  const fields = line.split(',');
  if (fields.length === 3) fields.splice(1, 0, '');
  const [text = '', , event, group] = fields;
  if (event === undefined || group === undefined) throw new Error(`Unexpected line '${line}'`);
  // A second metric of the event in the line above.
  if (event === '') return [];
  return [{ event, group, value: parseValue(text, line) }];
}

function parseValue(text: string, line: string): number | undefined {
  if (text === '<not supported>') return undefined;
  // Nothing of the group ran.
  if (text === '<not counted>') return 0;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new Error(`Unable to parse perf value at line: ${line}`);
  }
  return value;
}
