import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runTranscript } from './testing/transcript.ts';

// Stories in commands, with what the allocator answers under each group of them. `--rewrite`, or
// REWRITE=1, writes the answers anew: read the difference before it is committed.
const folder = new URL('../../test/transcripts/allocator/', import.meta.url);
const isRewriting = process.env.REWRITE === '1' || process.argv.includes('--rewrite');

describe('stories of the allocator', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.txt')))('%s', (name) => {
    const file = new URL(name, folder);
    const written = readFileSync(file, 'utf8');
    const played = runTranscript(written);
    if (isRewriting) writeFileSync(file, played);
    else expect(played).toBe(written);
  });
});
