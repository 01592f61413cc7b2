import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@mesita/sdk/base';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { frameRecord, parseRecords } from './records.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mesita-storage-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('checkpoint files', () => {
  test('are replaced whole and leave nothing beside them', async () => {
    const path = join(directory, 'deep/er/slave.info');
    expect(await readCheckpoint(path)).toBeUndefined();
    await writeCheckpoint(path, 'one', { durableName: true });
    await writeCheckpoint(path, 'two');
    expect(String(await readCheckpoint(path))).toBe('two');
    expect(await readdir(join(directory, 'deep/er'))).toEqual(['slave.info']);
  });

  test('a file cut anywhere gives the whole records before the cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.nat(), (messages, at) => {
        const file = Buffer.concat(messages.map(frameRecord));
        const cut = file.subarray(0, at % (file.length + 1));
        const { records, length } = unwrap(parseRecords(cut, { ignorePartial: true }));
        expect(records.map((record) => Buffer.from(record).toString('hex'))).toEqual(
          messages.slice(0, records.length).map((message) => Buffer.from(message).toString('hex')),
        );
        expect(parseRecords(cut).ok).toBe(length === cut.length);
      }),
    );
  });
});
