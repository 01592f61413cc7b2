import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStatSync } from '../linux/proc.ts';
import { discoverIp } from './ip-discovery.ts';

test('the address is what the command prints, without the space around it', async () => {
  expect(await discoverIp("echo ' 10.1.2.3 '; echo")).toBe('10.1.2.3');
});

const LONG = { timeout: 60_000 };
const command = '--ip_discovery_command printed';
test.each([
  [
    'exit 3',
    "Failed to execute 'exit 3'; the command was either not found or exited with a non-zero exit status: 3",
  ],
  ['kill -9 $$', "Running 'kill -9 $$' was interrupted by signal 'Killed'"],
  ['true', `${command} nothing: it must print the address to bind`],
  ['echo', `${command} nothing: it must print the address to bind`],
  ['echo 1.2.3', `${command} "1.2.3": Failed to parse IP as either IPv4 or IPv6`],
  [
    'echo 1.2.3.4; echo 5.6.7.8',
    `${command} "1.2.3.4\\n5.6.7.8": Failed to parse IP as either IPv4 or IPv6`,
  ],
  ['echo ::1', `${command} "::1": only IPv4 addresses can be bound`],
])('%s ends the start in one line', async (text, complaint) => {
  await expect(discoverIp(text)).rejects.toThrow(new Error(complaint));
});

test('one that takes too long is ended, with what it started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesita-discovery-'));
  const pidFile = join(folder, 'pid');
  const slow = `sleep 1000 & echo $! > ${pidFile}; wait`;
  const patience = new AbortController();
  const discovery = discoverIp(slow, patience.signal);
  const refused = expect(discovery).rejects.toThrow(
    `Running '${slow}' took longer than 30secs (see --ip_discovery_command)`,
  );
  await expect
    .poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8'), LONG)
    .toMatch(/\d\n/);
  patience.abort();
  await refused;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  await expect.poll(() => readStatSync(pid)?.state ?? 'Z', LONG).toBe('Z');
  rmSync(folder, { recursive: true });
});
