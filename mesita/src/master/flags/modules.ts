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
});
