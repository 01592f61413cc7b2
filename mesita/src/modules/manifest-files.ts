import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readFile, systemText } from '../flags/read-file.ts';
import { DecodeError } from '../wire/errors.ts';
import { type Manifest, parseManifest } from './manifest.ts';

/** A manifest and the file it lies in: libraries are looked for beside it. */
interface ManifestFile {
  readonly path: string;
  readonly manifest: Manifest;
}

/** Every entry of the directory, in byte order, whatever it is called. Throws Mesos' texts. */
export function readManifestDirectory(directory: string): readonly ManifestFile[] {
  return listDirectory(directory).map((name) => readManifestFile(join(directory, name)));
}

function listDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory, 'buffer')
      .sort(Buffer.compare)
      .map((name) => name.toString());
  } catch (error) {
    throw new Error(
      `Error loading module manifests from '${directory}' directory: ` +
        `Failed to opendir '${directory}': ${systemText(error as NodeJS.ErrnoException)}`,
    );
  }
}

function readManifestFile(path: string): ManifestFile {
  const text = readFile(path);
  if (!text.ok) throw new Error(`Error reading module manifest file '${path}': ${text.error}`);
  try {
    return { path, manifest: parseManifest(text.value) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new Error(`Error parsing module manifest file '${path}': ${error.message}`);
  }
}
