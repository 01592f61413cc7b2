// Who may import whom, and which rooms are pure: the table is tools/layers.json.
import { readFileSync } from 'node:fs';
import {
  type Finding,
  importsOf,
  isTest,
  resolveImport,
  type SourceFile,
  withoutComments,
} from './source.ts';

interface Room {
  readonly imports: readonly string[];
  readonly packages?: readonly string[];
  readonly node?: boolean;
  readonly pure?: boolean;
}

const rooms: Record<string, Room> = JSON.parse(readFileSync('tools/layers.json', 'utf8')).rooms;

/** What a pure room may not say, with the reason in the complaint. */
const impure: readonly [RegExp, string][] = [
  [/\bDate\b(?!\s*[:?])/, 'takes the time; it comes in as data'],
  [/\bMath\.random\b/, 'takes chance; it comes in as data'],
  [/\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/, 'sets a timer; that is an effect'],
  [/\bprocess\.(env|nextTick|exit|argv|hrtime|pid)\b/, 'looks at the process'],
  [/\bconsole\./, 'prints; that is an effect'],
  [/\basync\b|\bawait\b|\bnew Promise\b/, 'waits; a core steps'],
  [/\bperformance\.now\b/, 'takes the time; it comes in as data'],
];

export function checkLayers(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => {
    const name = roomOf(file.path);
    const room = name ? rooms[name] : undefined;
    if (!name || !room) {
      const homeless = file.path.startsWith('mesita/src/') || file.path.startsWith('sdk/src/');
      return homeless && !/^sdk\/src\/[\w-]+\.ts$/.test(file.path)
        ? [`${file.path}: its room is not in tools/layers.json`]
        : [];
    }
    if (isTest(file.path)) return [];
    return [...checkImports(file, name, room), ...checkPurity(file, room)];
  });
}

function roomOf(path: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function checkImports(file: SourceFile, name: string, room: Room): Finding[] {
  const findings: Finding[] = [];
  for (const { specifier } of importsOf(file.text)) {
    const target = resolveImport(file.path, specifier);
    if (target === undefined) {
      const complaint = checkPackage(specifier, room);
      if (complaint) findings.push(`${file.path}: imports ${specifier}, but ${name} ${complaint}`);
    } else if (!mayImport(name, room, target)) {
      findings.push(
        `${file.path}: imports ${target}; ${name} may import ${room.imports.join(', ')}`,
      );
    }
  }
  return findings;
}

function mayImport(name: string, room: Room, target: string): boolean {
  const owner = roomOf(target);
  if (owner === name) return true;
  // A part of a room is the room's: master/ may use master/core.
  if (owner?.startsWith(`${name}/`)) return true;
  return room.imports.some((allowed) => target === allowed || target.startsWith(`${allowed}/`));
}

function checkPackage(specifier: string, room: Room): string | undefined {
  if (specifier.startsWith('node:'))
    return room.pure || room.node === false ? 'may use nothing of Node' : undefined;
  const packages = room.packages ?? [];
  if (packages.includes('*')) return undefined;
  const known = packages.some((p) => specifier === p || specifier.startsWith(`${p}/`));
  return known ? undefined : 'may not use that package';
}

function checkPurity(file: SourceFile, room: Room): Finding[] {
  if (!room.pure) return [];
  const code = withoutComments(file.text).replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
  return impure
    .filter(([pattern]) => pattern.test(code))
    .map(([pattern, reason]) => `${file.path}: '${pattern.exec(code)?.[0]}' ${reason}`);
}
