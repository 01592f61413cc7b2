import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { message } from '../../flags/param-types.ts';
import * as modules from '../../wire/schema/module.ts';

export const moduleFlags = group('Modules', {
  modules: flag(
    message(modules.Modules, 'text', { help: 'Module manifest; not together with modules_dir.' }),
    { supported: false },
  ),
  modules_dir: flag(
    param.string({ help: 'Directory of module manifests; not together with modules.' }),
    { supported: false },
  ),
  hooks: flag(param.string({ help: 'Hook modules to install, in order.' }), { supported: false }),
  resource_estimator: flag(param.string({ help: 'Oversubscription estimator module.' }), {
    supported: false,
  }),
  oversubscribed_resources_interval: flag(
    param.duration({ default: '15secs', help: 'Time between oversubscription reports.' }),
    { supported: false },
  ),
  qos_controller: flag(param.string({ help: 'QoS controller module.' }), { supported: false }),
  qos_correction_interval_min: flag(
    param.duration({ default: '0secs', help: 'Least time between corrections.' }),
    { supported: false },
  ),
  disk_profile_adaptor: flag(param.string({ help: 'Module translating disk profiles.' }), {
    supported: false,
  }),
  resource_provider_config_dir: flag(
    param.string({
      help: 'Directory of local resource provider configs, one ResourceProviderInfo JSON per file.',
    }),
    { supported: false },
  ),
});
