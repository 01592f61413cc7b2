import { param } from '@mesita/sdk/module';
import { flag, group } from './flag.ts';

export const commonFlags = group('General', {
  help: flag(param.bool({ default: false, help: 'Print this and leave.' })),
  version: flag(param.bool({ default: false, help: 'Print the version and leave.' })),
});
