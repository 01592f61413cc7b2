import { defineModule } from '@mesita/sdk/module';

/** Programs with setuid bits or file capabilities give the container nothing. */
export default defineModule({
  kind: 'Isolator',
  name: 'linux/nnp',
  description: 'No new privileges by running a program',
  create: () => ({
    supportsNesting: true,
    supportsStandalone: true,
    prepare: async () => ({ noNewPrivileges: true }),
  }),
});
