import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { jsonObject, message } from '../../flags/param-types.ts';
import * as flagMessages from '../../wire/schema/flags.ts';

export const dockerFlags = group('Docker', {
  docker: flag(param.string({ default: 'docker', help: 'Docker CLI path.' }), { supported: false }),
  docker_config: flag(jsonObject({ help: 'Docker auth configuration (file or JSON).' }), {
    supported: false,
  }),
  docker_ignore_runtime: flag(
    param.bool({ default: false, help: 'Ignore ENV, CMD, WORKDIR... of docker images.' }),
    { supported: false },
  ),
  docker_kill_orphans: flag(
    param.bool({ default: true, help: 'Kill unknown mesos docker containers at recovery.' }),
    { supported: false },
  ),
  docker_mesos_image: flag(
    param.string({ help: 'Image for executors when the agent itself runs in docker.' }),
    { supported: false },
  ),
  docker_registry: flag(
    param.string({
      default: 'https://registry-1.docker.io',
      help: 'Default registry, or directory/HDFS of docker-save archives.',
    }),
    { supported: false },
  ),
  docker_remove_delay: flag(
    param.duration({ default: '6hrs', help: 'Time before docker rm of ended containers.' }),
    { supported: false },
  ),
  docker_socket: flag(
    param.string({ default: '/var/run/docker.sock', help: 'Docker socket or pipe.' }),
    { supported: false },
  ),
  docker_stop_timeout: flag(
    param.duration({
      default: '0secs',
      help: 'Docker stop wait (deprecated, kill policy instead).',
    }),
    { supported: false },
  ),
  docker_store_dir: flag(
    param.string({ default: '/tmp/mesos/store/docker', help: 'Docker image store.' }),
    { supported: false },
  ),
  docker_volume_checkpoint_dir: flag(
    param.string({
      default: '/var/run/mesos/isolators/docker/volume',
      help: 'State directory of docker/volume.',
    }),
    { supported: false },
  ),
  docker_volume_chown: flag(
    param.bool({ default: false, help: 'Chown docker volume mount points to the container user.' }),
    { supported: false },
  ),
});

export const imageFlags = group('Images', {
  appc_simple_discovery_uri_prefix: flag(
    param.string({ default: 'http://', help: 'Prefix for appc image discovery.' }),
    { supported: false },
  ),
  appc_store_dir: flag(
    param.string({ default: '/tmp/mesos/store/appc', help: 'Appc image store.' }),
    { supported: false },
  ),
  image_gc_config: flag(
    message(flagMessages.ImageGcConfig, 'json', {
      help: 'Automatic image garbage collection settings (ImageGcConfig JSON).',
    }),
    { supported: false },
  ),
  image_providers: flag(
    param.string({
      help: 'Supported image kinds: APPC, DOCKER; needs filesystem/linux and linux launcher.',
    }),
    { supported: false },
  ),
  image_provisioner_backend: flag(
    param.string({
      help: "Root filesystem backend: aufs, bind, copy, overlay; unset = best supported by the store's filesystem.",
    }),
    { supported: false },
  ),
});
