import type { Pid } from '@mesita/sdk/base';

export interface PidParts {
  readonly id: string;
  readonly ip: string;
  readonly port: number;
}

/** `slave(1)@127.0.0.1:5051` in its parts; what is malformed has blank ones. */
export function partsOf(pid: Pid): PidParts {
  const found = /^([^@]*)@\[?([^@\]]+)\]?:(\d{1,5})$/.exec(pid);
  return { id: found?.[1] ?? '', ip: found?.[2] ?? '', port: Number(found?.[3] ?? 0) };
}
