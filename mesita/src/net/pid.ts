import type { Pid } from '@mesita/sdk/base';

export interface PidParts {
  readonly id: string;
  readonly ip: string;
  readonly port: number;
  /** `127.0.0.1:5051`. */
  readonly address: string;
}

/** `slave(1)@127.0.0.1:5051` in its parts. */
export function parsePid(pid: string): PidParts | undefined {
  const found = /^([^@\s]*)@\[?([^@\s\]]+)\]?:(\d{1,5})$/.exec(pid);
  if (!found) return undefined;
  const [, id = '', ip = '', digits = ''] = found;
  const port = Number(digits);
  if (port > 65535) return undefined;
  return { id, ip, port, address: formatAddress(ip, port) };
}

export function formatAddress(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

export function formatPid(id: string, ip: string, port: number): Pid {
  return `${id}@${formatAddress(ip, port)}` as Pid;
}
