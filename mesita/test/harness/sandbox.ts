import { getJson } from './cluster.ts';
import { waitFor } from './wait.ts';

/** What a file in a sandbox holds, by the agent's files endpoint; nothing when it is not there. */
export async function readSandbox(port: number, path: string): Promise<string | undefined> {
  const query = new URLSearchParams({ path, offset: '0', length: '65536' });
  try {
    return ((await getJson(port, `/files/read?${query}`)) as { data: string }).data;
  } catch {
    return undefined;
  }
}

export async function waitForFile(port: number, path: string, content: string): Promise<void> {
  await waitFor(
    `${path} to hold ${JSON.stringify(content)}`,
    async () => (await readSandbox(port, path)) === content,
  );
}

export function sandboxPath(frameworkId: string, executorId: string, file: string): string {
  return `/frameworks/${frameworkId}/executors/${executorId}/runs/latest/${file}`;
}
