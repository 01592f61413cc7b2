// Where the daemons answer otherwise than the recorded Mesos, on purpose or for the time being.
// docs/compatibility.md tells it to users.

interface Acceptance {
  readonly reason: string;
  readonly rows: readonly string[];
  /** Which details of the difference it covers; absent: all of them. */
  readonly only?: RegExp;
  /** It need not differ: the recording caught one of several moments. */
  readonly isRace?: true;
}

const rows = (text: string): readonly string[] => text.split(/\s+/);

const acceptances: readonly Acceptance[] = [
  {
    reason: 'Names that Mesos dropped in 1.8 and tools still use are kept as aliases',
    rows: rows('A078 B326 B328 B369 B371'),
  },
  {
    reason: 'There is no web UI yet, and it will have files of its own',
    rows: rows('A011 A012 A133 B001 B002'),
  },
  {
    reason: 'There is no provisioner and no resource provider yet that could be counted',
    rows: rows('B295 B365'),
    only: /containerizer\/mesos\/provisioner|resource_provider_manager/,
  },
  {
    reason: 'Resource providers cannot subscribe yet: every call is that of one that did not',
    rows: rows('X059 X060 X061 X062 X063 X064 X067 X068 X071 X074'),
  },
  {
    reason: 'RE2 counts the bytes that a wildcard can be, its port to JavaScript one instruction',
    rows: rows('S173'),
  },
  {
    reason: 'The framework of the wildcard above is one more to list',
    rows: rows('S273'),
    only: /completed_frameworks: \d+ elements/,
  },
  {
    reason: 'Quantities have three decimals: one ten-thousandth is nothing',
    rows: rows('F156 F157'),
    only: /limits\.cpus\.value: 0, expected 0\.0001/,
  },
  {
    reason: 'The recording left out the rows that set two of the weights',
    rows: rows('E101 F012 F013 F106 F107 F108 F109 F132 G122 Z019 Z034'),
    only: /: \d elements, expected \d/,
  },
  {
    reason: 'The recorded agent had run a framework, in a group that is not replayed before',
    rows: rows('Z017'),
    only: /completed_frameworks: 0 elements/,
  },
  {
    reason: 'The recorded stream had told of frameworks of groups that are not replayed before',
    rows: rows('Z025'),
    only: /records: \d+ elements, expected \d+/,
  },
  {
    reason: 'How far the agent is with an operation when it is asked about is a race',
    rows: rows('F276'),
    only: /get_operations/,
    isRace: true,
  },
  {
    reason: 'The recording left out the second of waiting after which the level is back',
    rows: rows('C095 C096'),
  },
];

/** What of a row's difference nothing here covers. */
export function unaccepted(id: string, details: readonly string[]): readonly string[] {
  const mine = acceptances.filter((a) => a.rows.includes(id));
  return details.filter((detail) => !mine.some(({ only }) => only?.test(detail) ?? true));
}

/** What is accepted although it does not differ (any more). */
export function idle(found: ReadonlyMap<string, { details: readonly string[] }>): string[] {
  return acceptances.flatMap(({ rows, only, reason, isRace }) =>
    rows
      .filter(
        (id) => !isRace && !found.get(id)?.details.some((detail) => only?.test(detail) ?? true),
      )
      .map((id) => `${id}: ${reason}`),
  );
}
