import { expect, test } from 'vitest';
import { findQuotaMount, parseReport } from './project-quota.ts';

test('a report is read', () => {
  const report = `#0                   0          0          0     00 [--------]
#5000            10240      10240      20480     00 [--------]
`;
  expect(parseReport(report).get(5000)).toEqual({
    used: 10 << 20,
    soft: 10 << 20,
    hard: 20 << 20,
  });
});

test('a file system without project quotas says so', async () => {
  await expect(findQuotaMount('/proc')).rejects.toThrow("'/proc' is not an XFS filesystem");
});
