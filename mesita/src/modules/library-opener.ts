import { findBuiltinLibrary } from './builtin-libraries.ts';
import type { ContextParts } from './contexts.ts';
import { openProgram } from './homes/open-program.ts';
import { type Library, openLibrary, resolveFile, resolvePackage } from './library.ts';
import type { Home, LibraryEntry } from './manifest.ts';

/** Opens what manifests name, each file once. */
export interface LibraryOpener {
  /** Rejects with one line that names the file. */
  open(entry: LibraryEntry, home: Home, beside: string | undefined): Promise<Library>;
  /** From now on the daemon is at work: what is opened must not hold it up. */
  stepAside(): void;
  /** Once more, as it is now; `keep` has later opens find that one. */
  reopen(library: Library, home: Home): Promise<Library>;
  keep(library: Library, home: Home): void;
}

export function createLibraryOpener(
  path: readonly string[],
  context: Pick<ContextParts, 'clock' | 'log'>,
): LibraryOpener {
  const opened = new Map<string, Library>();
  let isAside = false;
  const keyOf = (file: string, home: Home) => (home === 'program' ? `program ${file}` : file);
  const load = (name: string, file: string, home: Home) =>
    home === 'program' ? openProgram(name, file, context) : openLibrary(name, file, isAside);

  return {
    async open(entry, home, beside) {
      const name = entry.file ?? entry.name;
      if (name === undefined) throw new Error('Library name or path not provided');
      const builtin = findBuiltinLibrary(entry);
      if (builtin) return builtin;
      const places = { beside, path };
      const file =
        entry.file === undefined
          ? await resolvePackage(name, places)
          : resolveFile(name, places, home === 'program');
      const library = opened.get(keyOf(file, home)) ?? (await load(name, file, home));
      opened.set(keyOf(file, home), library);
      return library;
    },
    reopen: (library, home) => load(library.name, library.path, home),
    stepAside() {
      isAside = true;
    },
    keep: (library, home) => void opened.set(keyOf(library.path, home), library),
  };
}
