import type { Agent } from './agent.ts';
import { allocate } from './run/allocate.ts';
import type { State } from './state.ts';

/** Any number of requests lead to one run, after everything that is already waiting. */
export function requestRun(state: State, agent?: Agent): void {
  if (state.isPaused) return;
  if (agent === undefined) state.candidates.addAll(state.nextSerial);
  else state.candidates.add(agent);
  if (state.isRunQueued) return;
  state.isRunQueued = true;
  const stopWaiting = state.startTimer?.('allocation_run_latency');
  state.agenda.defer(() => {
    state.isRunQueued = false;
    if (state.isPaused) return;
    stopWaiting?.();
    const stop = state.startTimer?.('allocation_run');
    allocate(state);
    stop?.();
  });
}

/** A run over all agents each interval, counted from the end of the one before. */
export function startPeriodicRuns(state: State): void {
  const { agenda, options } = state;
  const wait = (): void => {
    agenda.after(options.allocationIntervalMs, () => {
      requestRun(state);
      agenda.defer(wait);
    });
  };
  wait();
}
