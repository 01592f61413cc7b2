// Exports that nobody imports. The SDK's index files are for strangers and count as used.
import { type Finding, importsOf, isGenerated, resolveImport, type SourceFile } from './source.ts';

const exportPattern =
  /(?:^|\n)export\s+(?:declare\s+)?(?:abstract\s+)?(?:const|let|function\*?|class|interface|type)\s+(\w+)/g;

export function checkExports(files: readonly SourceFile[]): Finding[] {
  const used = collectUses(files);
  return files.flatMap((file) => {
    if (isGenerated(file) || isPublic(file.path) || file.path.endsWith('.test.ts')) return [];
    const names = [...file.text.matchAll(exportPattern)].map((m) => m[1] ?? '');
    const taken = used.get(file.path) ?? new Set();
    if (taken.has('*')) return [];
    return names
      .filter((name) => !taken.has(name))
      .map((name) => `${file.path}: export '${name}' is imported nowhere`);
  });
}

function isPublic(path: string): boolean {
  return path.startsWith('sdk/src/') || path.endsWith('.config.ts') || path.startsWith('examples/');
}

function collectUses(files: readonly SourceFile[]): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  for (const file of files)
    for (const { specifier, names, namespace } of importsOf(file.text)) {
      const target = resolveImport(file.path, specifier);
      if (!target) continue;
      const set = used.get(target) ?? new Set();
      used.set(target, set);
      if (namespace) for (const name of membersOf(file.text, namespace)) set.add(name);
      else for (const name of names) set.add(name);
    }
  return used;
}

function membersOf(text: string, namespace: string): string[] {
  const pattern = new RegExp(`\\b${namespace}\\.(\\w+)`, 'g');
  return [...text.matchAll(pattern)].map((m) => m[1] ?? '');
}
