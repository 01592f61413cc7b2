import { createJiti } from 'jiti';

export interface SourceFile {
  readonly path: string;
  readonly source: string;
}

/** JavaScript that asks the loader for what it imports. What cannot be parsed becomes code that says so. */
export type Transpile = (file: SourceFile) => string | Promise<string>;

export const transpile = ({ path, source }: SourceFile): string =>
  createJiti(path, { fsCache: false }).transform({
    ...{ source, filename: path, async: true, jsx: false },
    ts: /\.[cm]?ts$/.test(path),
  });
