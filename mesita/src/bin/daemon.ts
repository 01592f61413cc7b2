// What master and agent have in common as processes: their flags, log, server, and end.
import { lookup, lookupService } from 'node:dns/promises';
import { hostname, networkInterfaces, userInfo } from 'node:os';
import process from 'node:process';
import type { Logger } from '@mesita/sdk/base';
import { systemClock } from '../actor/clock.ts';
import type { FlagSpec, FlagValues } from '../flags/flag.ts';
import { assertCanMake } from '../flags/places.ts';
import { readFile } from '../flags/read-file.ts';
import { type Program, type Startup, startUp } from '../flags/startup.ts';
import type { Authorization } from '../net/authorization.ts';
import { createFiles, type Files } from '../net/files.ts';
import { createFilesProcess } from '../net/files-process.ts';
import { createGate, type Gate } from '../net/gate.ts';
import { createHelpProcess } from '../net/help.ts';
import { createLog, type LogOutput, openLogOutput } from '../net/logger.ts';
import { createMetrics, type Metrics } from '../net/metrics.ts';
import { createMetricsProcess, declareSystemMetrics } from '../net/metrics-process.ts';
import type { DaemonSurface } from '../net/operator-calls.ts';
import {
  type BuildInfo,
  createLoggingProcess,
  createLogLevelControl,
  createProcessListProcess,
  createProfilerProcess,
  createSystemProcess,
  createVersionProcess,
  type LogLevelControl,
} from '../net/processes.ts';
import { createServer, type Server } from '../net/server.ts';
import type { Firewall } from '../wire/types/flags.ts';
import { discoverIp } from './ip-discovery.ts';

/** The Mesos whose interfaces these daemons speak: what clients compare with. */
export const mesosVersion = '1.12.0';

declare const MESITA_BUILT_AT: number | undefined;
const builtAt = typeof MESITA_BUILT_AT === 'number' ? MESITA_BUILT_AT : 0;

const build: BuildInfo = {
  version: mesosVersion,
  build_date: new Date(builtAt * 1000).toISOString().slice(0, 10),
  build_time: builtAt,
  build_user: 'mesita',
};

/** The flags that a daemon needs before it is a master or an agent. */
interface CommonFlags {
  readonly hostname: string | undefined;
  readonly hostnameLookup: boolean;
  readonly logDir: string | undefined;
  readonly workDir: string | undefined;
  readonly runtimeDir?: string;
  readonly fetcherCacheDir?: string;
  readonly loggingLevel: string;
  readonly quiet: boolean;
  readonly port: number;
  readonly allowedOrigins: readonly string[] | undefined;
  readonly firewallRules: Firewall | undefined;
  readonly ipDiscoveryCommand: string | undefined;
}

export interface Daemon<Flags> {
  readonly flags: Flags;
  /** Name → text, of every flag that has a value. */
  readonly shown: ReadonlyMap<string, string>;
  /** Flag → the file that held its value. */
  readonly valueFiles: ReadonlyMap<string, string>;
  readonly log: Logger;
  readonly logControl: LogLevelControl;
  readonly logPath: string | undefined;
  readonly metrics: Metrics;
  readonly files: Files;
  readonly server: Server;
  /** To be opened once it is known who may ask for what. */
  readonly gate: Gate;
  /** What it was told to bind, by `--ip`, its discovery or `LIBPROCESS_IP`. */
  readonly bindIp: string | undefined;
  /** What others are told. */
  readonly address: { readonly ip: string; readonly port: number; readonly hostname: string };
  /** Aborted when the daemon shuts down. */
  readonly signal: AbortSignal;
  /** Ends the process after `stop` and the last line of the log. */
  exit(status: number): Promise<never>;
  /** Called once, on SIGTERM, SIGINT and `exit`. */
  onStop(stop: () => Promise<void>): void;
}

/** Reads the flags, or prints what there is to print and leaves. */
export function readFlags<Spec extends FlagSpec>(
  program: Program<Spec>,
  defaults: Readonly<Record<string, string>> = {},
): Extract<Startup<FlagValues<Spec>>, { kind: 'run' }> {
  const source = {
    argv: process.argv.slice(2),
    env: process.env,
    readFile,
    defaults,
  };
  const startup = startUp(program, source, mesosVersion);
  if (startup.kind === 'run') return startup;
  process.stdout.write(startup.stdout);
  process.stderr.write(startup.stderr);
  process.exit(startup.status);
}

interface DaemonOptions {
  /** `mesos-master`. */
  readonly program: string;
  readonly delegate: string;
  readonly realms: { readonly readonly: string; readonly readwrite: string };
}

/** Binds the address and serves what every libprocess daemon serves. */
export async function startDaemon<Flags extends CommonFlags>(
  startup: Extract<Startup<Flags>, { kind: 'run' }>,
  options: DaemonOptions,
): Promise<Daemon<Flags>> {
  const flags = startup.values;
  checkPlaces(flags);
  const output = openLogOutput({
    program: options.program,
    directory: flags.logDir,
    isQuiet: flags.quiet,
  });
  const logs = createLog({
    clock: systemClock,
    level: severities[flags.loggingLevel] ?? 'info',
    write: output.write,
  });
  const log = logs.named(options.delegate);
  for (const warning of startup.warnings) log.warn(warning);
  const metrics = createMetrics(systemClock);
  const files = createFiles();
  const logControl = createLogLevelControl(logs.verbosity, systemClock);
  const gate = createGate();
  const server = createServer({
    processes: [],
    authenticate: gate.authenticate,
    delegate: options.delegate,
    corsOrigins: flags.allowedOrigins ?? [],
    disabledEndpoints: flags.firewallRules?.disabledEndpoints?.paths ?? [],
    requirePeerAddressMatch: startup.addresses.requirePeerAddressIpMatch,
    log,
  });
  addCommonProcesses(server, { metrics, files, logControl, gate, realms: options.realms });
  const { ip, advertiseIp, advertisePort, port } = startup.addresses;
  const { ipDiscoveryCommand: command } = flags;
  const bindIp = command === undefined ? ip : await discoverIp(command);
  const bound = await server.listen(bindIp ?? '0.0.0.0', port ?? flags.port);
  const told = advertiseIp ?? (bound.ip === '0.0.0.0' ? firstAddress() : bound.ip);
  const address = {
    ip: told,
    port: advertisePort ?? bound.port,
    hostname: flags.hostname ?? (flags.hostnameLookup ? await ownName(told) : told),
  };
  const ending = createEnding(log, output, server);
  if (output.path) {
    const name = `/${options.delegate.replace(/\(.*/, '')}/log`;
    await files.attach(name, output.path, (who) => gate.authorized(who, 'ACCESS_MESOS_LOG'));
  }
  return {
    flags,
    shown: startup.shown,
    valueFiles: startup.files,
    log,
    logControl,
    logPath: output.path,
    metrics,
    files,
    server,
    gate,
    bindIp,
    address,
    ...ending,
  };
}

function checkPlaces({ logDir, workDir, runtimeDir, fetcherCacheDir }: CommonFlags): void {
  for (const directory of [workDir, runtimeDir, fetcherCacheDir]) {
    if (directory !== undefined) assertCanMake(directory);
  }
  try {
    if (logDir !== undefined) assertCanMake(logDir);
  } catch (cause) {
    throw new Error('Could not initialize logging', { cause });
  }
}

/** What its endpoints show of the process itself. */
export function daemonSurface(
  { shown, files, metrics, logControl }: Omit<Daemon<unknown>, 'flags'>,
  authorization: Authorization,
): DaemonSurface {
  return {
    build,
    authorization,
    flags: shown,
    files,
    metrics: (timeoutMs) => metrics.snapshot(timeoutMs),
    loggingLevel: () => logControl.level,
    setLoggingLevel: (level, durationMs) => void logControl.raise(level, durationMs),
  };
}

const severities: Readonly<Record<string, 'info' | 'warn' | 'error'>> = {
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
};

function addCommonProcesses(
  server: Server,
  parts: {
    readonly metrics: Metrics;
    readonly files: Files;
    readonly logControl: LogLevelControl;
    readonly gate: Gate;
    readonly realms: DaemonOptions['realms'];
  },
): void {
  const { metrics, files, logControl, realms } = parts;
  const { guard } = parts.gate;
  const readonly = { realm: realms.readonly, guard };
  declareSystemMetrics(metrics);
  server.add(createVersionProcess(build));
  server.add(createSystemProcess());
  server.add(createLoggingProcess(logControl, { realm: realms.readwrite, guard }));
  server.add(createProfilerProcess(realms.readwrite));
  server.add(createMetricsProcess(metrics, readonly));
  server.add(createFilesProcess(files, readonly));
  server.add(createHelpProcess(() => server.router.processes));
  server.add(createProcessListProcess(() => server.router.processes.values()));
}

function createEnding(log: Logger, output: LogOutput, server: Server) {
  const abort = new AbortController();
  let stop = async () => {};
  let ending: Promise<never> | undefined;
  const exit = (status: number): Promise<never> => {
    ending ??= (async () => {
      // A part that hangs must not keep the process.
      setTimeout(() => process.exit(status), 10_000).unref();
      abort.abort();
      await stop().catch((error) => log.error('stopping failed', { error }));
      await server.close();
      output.flush();
      return process.exit(status);
    })();
    return ending;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void exit(0));
  process.on('uncaughtException', (error) => {
    log.error('uncaught exception', { error });
    void exit(1);
  });
  process.on('unhandledRejection', (error) => {
    log.error('unhandled rejection', { error });
    void exit(1);
  });
  return {
    signal: abort.signal,
    exit,
    onStop(next: () => Promise<void>) {
      stop = next;
    },
  };
}

/** The address that the machine's name leads to, as Mesos takes it; loopback when there is none. */
function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find((a) => a.family === 'IPv4' && !a.internal)?.address ?? '127.0.0.1';
}

async function ownName(ip: string): Promise<string> {
  const name = await nameOf(ip);
  if (name !== ip) return name;
  return (await lookup(hostname()).catch(() => undefined)) ? hostname() : ip;
}

/** By the resolver; the address itself when nobody knows its name. */
export async function nameOf(ip: string): Promise<string> {
  try {
    return (await lookupService(ip, 0)).hostname;
  } catch {
    return ip;
  }
}

/** One line for the person who typed the command. */
export function failStart(program: string, error: unknown): never {
  process.stderr.write(`${program}: ${explain(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port, path } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return 'the port is already in use; give another with --port';
  if (code === 'EACCES')
    return `${path ?? `port ${port}`}: permission denied for user '${userInfo().username}'`;
  const cause = error.cause instanceof Error ? explain(error.cause) : '';
  // Some messages tell their cause already.
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
