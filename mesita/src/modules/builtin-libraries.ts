// Modules that Mesos ships as libraries of their own, under the names their manifests know.
import { basename } from 'node:path';
import type { Module } from '@mesita/sdk/module';
import { logrotateContainerLogger } from '../builtin/container-logger/logrotate.ts';
import { uriDiskProfileAdaptor } from '../builtin/disk-profile-adaptor/uri.ts';
import { loadQoSController } from '../builtin/qos-controller/load.ts';
import { fixedResourceEstimator } from '../builtin/resource-estimator/fixed.ts';
import type { Library } from './library.ts';
import type { LibraryEntry } from './manifest.ts';

const libraries: Readonly<Record<string, Module>> = {
  fixed_resource_estimator: fixedResourceEstimator,
  load_qos_controller: loadQoSController,
  logrotate_container_logger: logrotateContainerLogger,
  uri_disk_profile_adaptor: uriDiskProfileAdaptor,
} as Readonly<Record<string, Module>>;

/**
 * The built-in library that a manifest means by its `name` (`fixed_resource_estimator`) or by the
 * file that the C++ Mesos has of it (`/usr/lib/libfixed_resource_estimator-1.11.0.so`).
 */
export function findBuiltinLibrary({ file, name }: LibraryEntry): Library | undefined {
  const stem =
    file === undefined
      ? name
      : /^lib(\w+?)(-[\d.]+)?\.(so|dylib)(\.[\d.]+)?$/.exec(basename(file))?.[1];
  const module = stem !== undefined && Object.hasOwn(libraries, stem) ? libraries[stem] : undefined;
  if (stem === undefined || module === undefined) return undefined;
  return {
    name: file ?? stem,
    path: `builtin:${stem}`,
    hash: '',
    moduleNames: [module.name],
    find: (wanted) => (wanted === module.name ? module : undefined),
  };
}
