import type { InstanceOf, KindName } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import { valuesOnly } from './secrets.ts';

/** What answers for a module whose `on_failure` is `builtin`: what would be there without it. */
export type StandIns = { readonly [K in KindName]?: InstanceOf<K> };

/** More of them depend on a daemon's flags. */
export const standIns: StandIns = {
  SecretResolver: valuesOnly,
  ResourceEstimator: { initialize() {}, oversubscribable: () => Resources.empty },
  QoSController: { initialize() {}, corrections: () => new Promise(() => {}) },
};
