/** Whoever asks the same while an answer is on its way gets that one. */
export function sharedWhileRunning<T>(
  read: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key) => {
    const known = running.get(key);
    if (known) return known;
    const work = read(key).finally(() => running.delete(key));
    running.set(key, work);
    return work;
  };
}
