// Addresses of libprocess: `slave(1)@127.0.0.1:5051` is the process `slave(1)` behind that port.
import type { Pid } from '@mesita/sdk/base';

export interface PidParts {
  readonly id: string;
  readonly ip: string;
  readonly port: number;
  /** `127.0.0.1:5051`. */
  readonly address: string;
}

/** Undefined when the text is no PID. `@0.0.0.0:0` is one: it stands for "no process". */
export function parsePid(text: string): PidParts | undefined {
  const found = /^([^@\s]*)@(?:\[([^@\s\]]+)\]|([^@\s:]+)):(\d{1,5})$/.exec(text);
  if (!found) return undefined;
  const [, id = '', ipv6, host = '', digits = ''] = found;
  const ip = ipv6 ?? host;
  const port = Number(digits);
  return port > 65535 ? undefined : { id, ip, port, address: formatAddress(ip, port) };
}

export function formatAddress(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

export function formatPid(id: string, ip: string, port: number): Pid {
  return `${id}@${formatAddress(ip, port)}` as Pid;
}
