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
});
