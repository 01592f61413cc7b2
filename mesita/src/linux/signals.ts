import { constants } from 'node:os';

/** How the C library names them to people. */
const texts: Readonly<Record<string, string>> = {
  SIGHUP: 'Hangup',
  SIGINT: 'Interrupt',
  SIGQUIT: 'Quit',
  SIGILL: 'Illegal instruction',
  SIGTRAP: 'Trace/breakpoint trap',
  SIGABRT: 'Aborted',
  SIGBUS: 'Bus error',
  SIGFPE: 'Floating point exception',
  SIGKILL: 'Killed',
  SIGUSR1: 'User defined signal 1',
  SIGSEGV: 'Segmentation fault',
  SIGUSR2: 'User defined signal 2',
  SIGPIPE: 'Broken pipe',
  SIGALRM: 'Alarm clock',
  SIGTERM: 'Terminated',
  SIGSTKFLT: 'Stack fault',
  SIGCHLD: 'Child exited',
  SIGCONT: 'Continued',
  SIGSTOP: 'Stopped (signal)',
  SIGTSTP: 'Stopped',
  SIGTTIN: 'Stopped (tty input)',
  SIGTTOU: 'Stopped (tty output)',
  SIGURG: 'Urgent I/O condition',
  SIGXCPU: 'CPU time limit exceeded',
  SIGXFSZ: 'File size limit exceeded',
  SIGVTALRM: 'Virtual timer expired',
  SIGPROF: 'Profiling timer expired',
  SIGWINCH: 'Window changed',
  SIGIO: 'I/O possible',
  SIGPWR: 'Power failure',
  SIGSYS: 'Bad system call',
};

const numbers: Readonly<Record<string, number>> = constants.signals;
// Some numbers have several names; the texts are listed for one of them.
const byNumber = new Map(Object.entries(texts).map(([name, text]) => [numbers[name], text]));

/** By number or by name: `Killed`. */
export function describeSignal(signal: number | NodeJS.Signals): string {
  const number = typeof signal === 'number' ? signal : numbers[signal];
  return byNumber.get(number) ?? `Unknown signal ${signal}`;
}

export function isExited(waitStatus: number): boolean {
  return (waitStatus & 0x7f) === 0;
}

export function exitCode(waitStatus: number): number {
  return (waitStatus >> 8) & 0xff;
}

/** `exited with status 1`, `terminated with signal Killed`: what people search logs for. */
export function describeWaitStatus(waitStatus: number): string {
  if (isExited(waitStatus)) return `exited with status ${exitCode(waitStatus)}`;
  const core = waitStatus & 0x80 ? ' (core dumped)' : '';
  return `terminated with signal ${describeSignal(waitStatus & 0x7f)}${core}`;
}
