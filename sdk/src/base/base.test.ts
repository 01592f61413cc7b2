import { describe, expect, test } from 'vitest';
import { formatBytes, parseBytes } from './bytes.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { unwrap } from './result.ts';
import { compareVersions, formatVersion, parseVersion } from './version.ts';

const errorOf = (result: { ok: boolean; error?: string }) => (result.ok ? undefined : result.error);

describe('durations', () => {
  test('are printed in the unit that says them best', () => {
    const texts = [
      '15secs',
      '10mins',
      '1hrs',
      '500ms',
      '90secs',
      '0ns',
      '2weeks',
      '10days',
      '1.5us',
      '1234567ns',
      '1.25hrs',
    ];
    expect(texts.map((text) => formatDuration(unwrap(parseDuration(text))))).toEqual([
      '15secs',
      '10mins',
      '1hrs',
      '500ms',
      '90secs',
      '0ns',
      '2weeks',
      '10days',
      '1500ns',
      '1.234567ms',
      '75mins',
    ]);
    expect([formatDuration(-1500), formatDuration(0.25)]).toEqual(['-1500ms', '250us']);
  });

  test('need a number and a known unit', () => {
    expect(
      ['-5secs', 'abc', '5', '', '5parsecs', '1.2.3secs', '1e9secs', '99999999weeks'].map((text) =>
        errorOf(parseDuration(text)),
      ),
    ).toEqual([
      "Failed to convert '' to number",
      "Failed to convert '' to number",
      "Invalid duration '5'",
      "Invalid duration ''",
      "Unknown duration unit 'parsecs'",
      "Failed to convert '1.2.3' to number",
      "Unknown duration unit 'e9secs'",
      "Argument out of the range that a Duration can represent due to int64_t's size limit",
    ]);
  });
});

test('bytes are printed without loss and parsed in any case', () => {
  expect(
    ['2GB', '4kb', '1025B', '0B', '1024TB'].map((text) => formatBytes(unwrap(parseBytes(text)))),
  ).toEqual(['2GB', '4KB', '1025B', '0B', '1024TB']);
  expect(['1.5GB', '12', 'GB', '1XB'].map((text) => errorOf(parseBytes(text)))).toEqual([
    "Fractional bytes '1.5GB'",
    "Invalid bytes '12'",
    "Failed to convert '' to number",
    "Unknown bytes unit 'XB'",
  ]);
});

test('versions are ordered, releases after their candidates', () => {
  const order = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.1',
    '1.11.0',
    '2',
  ];
  const versions = order.map((text) => unwrap(parseVersion(text)));
  expect([...versions].reverse().sort(compareVersions)).toEqual(versions);
  expect(compareVersions(unwrap(parseVersion('1.2.0+a')), unwrap(parseVersion('1.2')))).toBe(0);
  expect(formatVersion(unwrap(parseVersion('1.12.0-rc1+build.3')))).toBe('1.12.0-rc1+build.3');
  expect(
    ['', 'x', '1.2.3.4', '1..2', '1.2.3-', '1.2.3-a..b'].filter((text) => parseVersion(text).ok),
  ).toEqual([]);
});
