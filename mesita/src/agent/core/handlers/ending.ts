import { type Context, type Handler, inform } from '../context.ts';
import { forgetFrameworkIfIdle } from '../executor-life.ts';
import { isFromMaster } from '../from-master.ts';
import { shutdownFramework } from './frameworks.ts';

export const shutdownAgent: Handler<'ShutdownMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  inform(context, 'asked to shut down', { message: event.message.message });
  endAgent(context);
};

export const leave: Handler<'Leave'> = (context, { message }) => {
  const { state, emit } = context;
  inform(context, 'unregistering and shutting down', { message });
  if (state.info.id && state.master) {
    emit({
      type: 'send',
      to: state.master.pid,
      message: { name: 'UnregisterSlaveMessage', body: { agentId: state.info.id } },
    });
  }
  endAgent(context);
};

/** The agent itself ends with its last executor. */
function endAgent(context: Context): void {
  const { state, emit } = context;
  state.life = 'TERMINATING';
  if (state.frameworks.size === 0) {
    emit({ type: 'exit', status: 0 });
    return;
  }
  for (const framework of [...state.frameworks.values()]) {
    shutdownFramework(context, framework);
    forgetFrameworkIfIdle(context, framework);
  }
}
