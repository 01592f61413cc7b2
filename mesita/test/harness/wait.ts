/** Waits on a state, not on a notification: whatever made it so, it is enough that it holds. */
export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  options: { readonly timeoutMs?: number; readonly hopeless?: () => string | undefined } = {},
): Promise<void> {
  const { timeoutMs = 30_000, hopeless } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await holds()) return;
    const reason = hopeless?.();
    if (reason !== undefined) throw new Error(`${what}: ${reason}`);
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
