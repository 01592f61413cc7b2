import type { TaskState } from '@mesita/sdk/types';

export interface SampleTask {
  readonly name: string;
  readonly command: string;
  readonly cpus: number;
  readonly mem: number;
  /** How it shall end; one of them fails on purpose. */
  readonly expected: TaskState;
}

function task(name: string, command: string, expected: TaskState = 'TASK_FINISHED'): SampleTask {
  return { name, command, cpus: 0.5, mem: 64, expected };
}

/** A dozen real commands, more than fit at once: some wait for the others' resources. */
export const SAMPLE_TASKS: readonly SampleTask[] = [
  task('hello', 'echo "hello from process $$ on $(uname -n)"'),
  task('counter', 'for i in 1 2 3 4 5; do echo "line $i of 5"; sleep 0.7; done'),
  task('sandbox', 'echo kept > note; echo "my sandbox holds" *'),
  task(
    'primes',
    'awk \'BEGIN { for (n = 2; n < 4000; n++) { p = 1; for (d = 2; d * d <= n; d++) if (n % d == 0) { p = 0; break } c += p } print c " primes below 4000" }\'',
  ),
  task('kernel', 'uname -sr'),
  task('disk', 'df -h . | tail -1'),
  task('checksum', 'seq 1 100000 | cksum'),
  task('sorter', 'seq 1 20000 | sort -r | head -1'),
  task('fails', 'echo "this one fails on purpose" >&2; exit 3', 'TASK_FAILED'),
  task('napper', 'sleep 2; echo "slept two seconds"'),
  task('environment', 'echo "executor $MESOS_EXECUTOR_ID, framework $MESOS_FRAMEWORK_ID"'),
  task('goodbye', 'date; echo "the last one"'),
];
