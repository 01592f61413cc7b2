import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@mesita/sdk/base';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAppender, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
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

  test('appends that wait together arrive in order', async () => {
    const path = join(directory, 'updates');
    const appender = await openAppender(path);
    const one = (index: number) => appender.append(frameRecord(Buffer.from(`r${index}`)));
    await Promise.all(Array.from({ length: 20 }, (_, index) => one(index)));
    await appender.close();
    const { records } = unwrap(parseRecords(await readFile(path)));
    expect(records.map(String)).toEqual(records.map((_, index) => `r${index}`));
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

  test('a tail cut by a crash is dropped before the next append', async () => {
    const path = join(directory, 'cut');
    await appendFile(path, frameRecord(Buffer.from('whole')));
    await appendFile(path, frameRecord(Buffer.from('cut short')).subarray(0, 7));
    const bytes = await readFile(path);
    expect(parseRecords(bytes)).toEqual({ ok: false, error: 'record at byte 9 is cut short' });
    const { length } = unwrap(parseRecords(bytes, { ignorePartial: true }));
    const appender = await openAppender(path, { truncateTo: length });
    await appender.append(frameRecord(Buffer.from('next')));
    await appender.close();
    const { records } = unwrap(parseRecords(await readFile(path)));
    expect(records.map(String)).toEqual(['whole', 'next']);
  });
});
