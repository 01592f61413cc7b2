// Links in the documents lead to files and headings that exist.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Finding, listFiles } from './source.ts';

export function checkLinks(): Finding[] {
  return listFiles('*.md')
    .filter((path) => existsSync(path))
    .flatMap((path) => {
      const text = readFileSync(path, 'utf8').replace(/```[\s\S]*?```/g, '');
      return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) =>
        checkLink(path, target),
      );
    });
}

function checkLink(from: string, link: string): Finding[] {
  if (/^[a-z]+:/i.test(link)) return [];
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from : normalize(join(dirname(from), decodeURI(file)));
  if (!existsSync(path)) return [`${from}: link to ${link}, which does not exist`];
  if (!anchor || !path.endsWith('.md')) return [];
  return headings(path).has(anchor) ? [] : [`${from}: ${path} has no heading '#${anchor}'`];
}

function headings(path: string): Set<string> {
  const lines = readFileSync(path, 'utf8').split('\n');
  return new Set(
    lines
      .filter((l) => /^#{1,6} /.test(l))
      .map((l) =>
        l
          .replace(/^#+ /, '')
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replace(/ /g, '-'),
      ),
  );
}
