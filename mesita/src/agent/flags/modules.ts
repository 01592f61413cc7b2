import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { manifestParam } from '../../modules/manifest.ts';

export const moduleFlags = group('Modules', {
  modules: flag(manifestParam({ help: 'Module manifest; not together with modules_dir.' })),
  modules_dir: flag(
    param.string({ help: 'Directory of module manifests; not together with modules.' }),
  ),
  module_path: flag(
    param.list({
      help: "Directories whose node_modules hold modules that manifests name; then come the work directory's and Mesita's own.",
    }),
  ),
  hooks: flag(param.string({ help: 'Hook modules to install, in order.' })),
  record_modules: flag(
    param.string({
      help: "Directory for recordings of every module's calls, without secrets, to be played again by `mesita modules replay`.",
    }),
  ),
  resource_estimator: flag(param.string({ help: 'Oversubscription estimator module.' })),
  oversubscribed_resources_interval: flag(
    param.duration({ default: '15secs', help: 'Time between oversubscription reports.' }),
  ),
  qos_controller: flag(param.string({ help: 'QoS controller module.' })),
  qos_correction_interval_min: flag(
    param.duration({ default: '0secs', help: 'Least time between corrections.' }),
  ),
  disk_profile_adaptor: flag(param.string({ help: 'Module translating disk profiles.' })),
  resource_provider_config_dir: flag(
    param.string({
      help: 'Directory of local resource provider configs, one ResourceProviderInfo JSON per file.',
    }),
    { supported: false },
  ),
});
