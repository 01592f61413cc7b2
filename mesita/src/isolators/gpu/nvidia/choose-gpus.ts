import type { Gpu } from '../../../linux/nvidia-driver.ts';

interface Choice {
  /** `gpus` of `--resources`; undefined: it does not name them. */
  readonly resources: number | undefined;
  /** `--nvidia_gpu_devices` */
  readonly indices: readonly number[] | undefined;
}

/** Which of a machine's GPUs the agent has: all, or those that both flags agree on. */
export function chooseGpus(all: readonly Gpu[], { resources, indices }: Choice): readonly Gpu[] {
  if (resources === 0) {
    if (!indices) return [];
    throw new Error(
      "'--nvidia_gpus_devices' cannot be specified when '--resources' specifies 0 GPUs",
    );
  }
  if (resources === undefined) {
    if (!indices) return all;
    throw new Error(
      "'--nvidia_gpus_devices' cannot be set without also setting 'gpus' in '--resources'",
    );
  }
  if (!indices) {
    throw new Error(
      'The `gpus` resource cannot be set without also setting `--nvidia_gpu_devices`',
    );
  }
  if (!Number.isInteger(resources)) {
    throw new Error("The 'gpus' resource must be an non-negative integer");
  }
  if (new Set(indices).size !== indices.length) {
    throw new Error("'--nvidia_gpu_devices' contains duplicates");
  }
  if (indices.length !== resources) {
    throw new Error(
      "'--resources' and '--nvidia_gpu_devices' specify different numbers of GPU devices",
    );
  }
  if (resources > all.length) {
    throw new Error(
      'The number of GPUs requested is greater than the number of GPUs available on the machine',
    );
  }
  return indices.map((index) => {
    const gpu = all[index];
    if (!gpu) throw new Error(`There is no GPU with index ${index} on the machine`);
    return gpu;
  });
}
