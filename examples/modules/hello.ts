// Answers under /modules/<instance>/hello, beside the daemon and asked by nobody.
import { type Anonymous, defineModule, param } from '@mesita/sdk/module';

export default defineModule({
  kind: 'Anonymous',
  name: 'org_example_Hello',
  description: 'An HTTP route of its own',
  parameters: { greeting: param.string({ default: 'Hello', help: 'The first word.' }) },
  create({ name, routes, metrics, clock, log }, { greeting }): Anonymous {
    const greeted = metrics.counter('greeted');
    const startedAt = clock.now();
    routes.handle('/hello', ({ rest, principal }) => {
      greeted.increment();
      const who = rest || principal || 'world';
      return { body: { text: `${greeting}, ${who}!`, upMs: clock.now() - startedAt } };
    });
    return { stop: () => log.info('goodbye', { name }) };
  },
});
