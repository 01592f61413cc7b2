// The daemon's own SDK, as modules find it: whatever copy lies beside them, they get this one.
import * as base from '@mesita/sdk/base';
import * as module from '@mesita/sdk/module';
import * as resources from '@mesita/sdk/resources';

/** By the names modules import. Types leave nothing behind that could be imported. */
export const sdkModules: Readonly<Record<string, unknown>> = {
  '@mesita/sdk/base': base,
  '@mesita/sdk/module': module,
  '@mesita/sdk/resources': resources,
  '@mesita/sdk/types': {},
};
