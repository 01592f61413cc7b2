import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, realpath, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '@mesita/sdk/types';
import type { ImageManifest } from '@mesita/sdk/types/docker';

/** Where it appears in a container. */
export const volumePath = '/usr/local/nvidia';

const binaries = [
  'nvidia-smi',
  'nvidia-debugdump',
  'nvidia-persistenced',
  'nvidia-cuda-mps-control',
  'nvidia-cuda-mps-server',
];

/** Beginnings of names. Those that other vendors' libraries have, too, are not among them. */
const libraries = [
  'libnvidia-ml.so',
  'libnvidia-cfg.so',
  'libnvidia-gpucomp.so',
  'libcuda.so',
  'libnvidia-opencl.so',
  'libnvidia-ptxjitcompiler.so',
  'libnvidia-fatbinaryloader.so',
  'libnvidia-compiler.so',
  'libvdpau_nvidia.so',
  'libnvidia-encode.so',
  'libnvcuvid.so',
  'libnvidia-eglcore.so',
  'libnvidia-glcore.so',
  'libnvidia-tls.so',
  'libnvidia-glsi.so',
  'libnvidia-fbc.so',
  'libnvidia-ifr.so',
  'libGLX_nvidia.so',
  'libEGL_nvidia.so',
  'libGLESv2_nvidia.so',
  'libGLESv1_CM_nvidia.so',
];

/** What of a driver lies on the machine. */
interface DriverFiles {
  /** Directories in which its programs may be. */
  readonly path: readonly string[];
  /** `name => path` of each library, as the loader knows them. */
  readonly libraries: readonly { readonly name: string; readonly path: string }[];
}

const run = promisify(execFile);

export async function findDriverFiles(): Promise<DriverFiles> {
  const { stdout } = await run('ldconfig', ['-p'], { maxBuffer: 16 << 20 });
  const rows = stdout.matchAll(/^\s+(\S+) \(.*\) => (\S+)$/gm);
  return {
    path: (process.env.PATH ?? '').split(':').filter(Boolean),
    libraries: [...rows].map(([, name = '', path = '']) => ({ name, path })),
  };
}

/** Programs and libraries of the driver, copied into one directory for containers to see. */
export async function makeDriverVolume(directory: string, files: DriverFiles): Promise<void> {
  for (const name of ['bin', 'lib', 'lib64'])
    await mkdir(join(directory, name), { recursive: true });
  for (const name of binaries) {
    const place = files.path.map((each) => join(each, name)).find((each) => existsSync(each));
    if (place) await copyOnce(await realpath(place), join(directory, 'bin', name));
  }
  for (const { name, path } of files.libraries) {
    if (!libraries.some((each) => name.startsWith(each))) continue;
    const real = await realpath(path);
    const below = join(directory, (await is64Bit(real)) ? 'lib64' : 'lib');
    await copyOnce(real, join(below, basename(real)));
    await linkOnce(basename(real), join(below, name));
    // By this name the loader of OpenGL asks for it.
    if (name.startsWith('libGLX_nvidia.so')) {
      await linkOnce(basename(real), join(below, name.replace('GLX_nvidia', 'GLX_indirect')));
    }
  }
}

async function copyOnce(from: string, to: string): Promise<void> {
  if (!existsSync(to)) await copyFile(from, to);
}

async function linkOnce(target: string, path: string): Promise<void> {
  if (!existsSync(path)) await symlink(target, path);
}

/** The class of an ELF file is its fifth byte. */
async function is64Bit(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(5), 0, 5, 0);
    return buffer[4] === 2;
  } finally {
    await file.close();
  }
}

/** Does the image want the driver? It says so by a variable, or by a label. */
export function wantsDriver({ config }: ImageManifest): boolean {
  const visible = config?.Env?.find((each) => each.startsWith('NVIDIA_VISIBLE_DEVICES='));
  if (visible !== undefined) {
    const value = visible.slice(visible.indexOf('=') + 1);
    return value !== '' && value !== 'void';
  }
  return config?.Labels?.['com.nvidia.volumes.needed'] !== undefined;
}

/** The image's search paths, with the driver's at their ends. */
export function driverEnvironment({ config }: ImageManifest): Environment {
  const extend = (name: string, more: readonly string[]): Environment.Variable => {
    const given = config?.Env?.find((each) => each.startsWith(`${name}=`));
    const paths =
      given
        ?.slice(name.length + 1)
        .split(':')
        .filter(Boolean) ?? [];
    return { name, value: [...new Set([...paths, ...more])].join(':') };
  };
  return {
    variables: [
      extend('PATH', [join(volumePath, 'bin')]),
      extend('LD_LIBRARY_PATH', [
        '/usr/local/cuda/compat',
        join(volumePath, 'lib'),
        join(volumePath, 'lib64'),
      ]),
    ],
  };
}
