import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { CommandInfo, NetworkInfo } from '@mesita/sdk/types';
import type { Probe } from './schedule.ts';

/** Runs a command where the task runs. Answers its wait status; undefined when it was cut short. */
export type RunCommand = (command: CommandInfo, signal: AbortSignal) => Promise<number | undefined>;

interface HttpTarget {
  readonly port: number;
  readonly path?: string | undefined;
  readonly scheme?: string | undefined;
  readonly protocol?: NetworkInfo.Protocol | undefined;
}

function loopback(protocol: NetworkInfo.Protocol | undefined): string {
  return protocol === 'IPv6' ? '::1' : '127.0.0.1';
}

/** The status code. Redirects are not followed; certificates are not checked: it is the task's own. */
export function httpProbe(target: HttpTarget): Probe<number> {
  return (signal) =>
    new Promise((resolve, reject) => {
      const send = target.scheme === 'https' ? httpsRequest : httpRequest;
      const outgoing = send(
        {
          host: loopback(target.protocol),
          port: target.port,
          path: absolutePath(target.path),
          rejectUnauthorized: false,
          agent: false,
          signal,
        },
        (incoming) => {
          incoming.on('error', () => {});
          // Only the status counts; a body without end must not hold the connection.
          incoming.destroy();
          resolve(incoming.statusCode ?? 0);
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
}

function absolutePath(path: string | undefined): string {
  return encodeURI(decodable(path ?? '/').replace(/^(?!\/)/, '/'));
}

/** As it was given, unless it is escaped already. */
function decodable(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** Whether somebody accepts connections. Only the timeout is no answer. */
export function tcpProbe(
  port: number,
  protocol?: NetworkInfo.Protocol | undefined,
): Probe<boolean> {
  return (signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: loopback(protocol), port });
      const abort = (): void => {
        socket.destroy();
        reject(signal.reason);
      };
      const settle = (succeeded: boolean): void => {
        signal.removeEventListener('abort', abort);
        socket.destroy();
        resolve(succeeded);
      };
      socket.once('connect', () => settle(true));
      socket.once('error', () => settle(false));
      signal.addEventListener('abort', abort, { once: true });
    });
}
