import type { ContainerInfo, Volume } from '@mesita/sdk/types';

export function validateContainerInfo(container: ContainerInfo): string | undefined {
  for (const volume of container.volumes ?? []) {
    const error = validateVolume(volume);
    if (error !== undefined) return `Invalid volume: ${error}`;
  }
  if (container.type !== 'DOCKER') return undefined;
  if (container.docker === undefined)
    return "DockerInfo 'docker' is not set for DOCKER typed ContainerInfo";
  // The agent names Docker containers itself, to find them again.
  const isNamed = container.docker.parameters?.some(({ key }) => key === 'name');
  return isNamed ? "Parameter in DockerInfo must not be 'name'" : undefined;
}

function validateVolume({ hostPath, image, source }: Volume): string | undefined {
  const origins = [hostPath, image, source].filter((origin) => origin !== undefined);
  if (origins.length !== 1)
    return "Only one of them should be set: 'host_path', 'image' and 'source'";
  return source === undefined ? undefined : validateSource(source);
}

function validateSource(source: Volume.Source): string | undefined {
  const missing = (field: string, type: string) =>
    `'source.${field}' is not set for ${type} volume`;
  switch (source.type) {
    case 'DOCKER_VOLUME':
      return source.dockerVolume === undefined ? missing('docker_volume', source.type) : undefined;
    case 'HOST_PATH':
      return source.hostPath === undefined ? missing('host_path', source.type) : undefined;
    case 'SANDBOX_PATH':
      return source.sandboxPath === undefined ? missing('sandbox_path', source.type) : undefined;
    case 'SECRET':
      return source.secret === undefined ? missing('secret', source.type) : undefined;
    case 'CSI_VOLUME':
      if (source.csiVolume === undefined) return missing('csi_volume', 'CSI');
      return source.csiVolume.staticProvisioning === undefined
        ? missing('csi_volume.static_provisioning', 'CSI')
        : undefined;
    default:
      return "'source.type' is unknown";
  }
}
