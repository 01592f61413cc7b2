import type { Isolator } from '@mesita/sdk/module';

export interface NamedIsolator {
  readonly name: string;
  readonly isolator: Isolator;
}

/** Nested and standalone containers are only shown to isolators that say they know them. */
export function isolatorsFor(
  all: readonly NamedIsolator[],
  container: { readonly isNested: boolean; readonly isStandalone: boolean },
): NamedIsolator[] {
  return all.filter(
    ({ isolator }) =>
      (!container.isNested || isolator.supportsNesting === true) &&
      (!container.isStandalone || isolator.supportsStandalone === true),
  );
}
