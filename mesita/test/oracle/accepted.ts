/** Rows whose answer differs on purpose, with the reason that docs/compatibility.md explains. */
export const accepted: ReadonlyMap<string, string> = new Map([]);
