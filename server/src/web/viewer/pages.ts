import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** A file of a page. */
export interface PageFile {
  contentType: string;
  bytes: Buffer;
  /** The same in gzip, where that is shorter. */
  gzip?: Buffer;
}

/** What there is of the viewer's page: its files by name, or what is done about it. */
export type Pages = ReadonlyMap<string, PageFile> | 'being made' | 'cannot be made';

export interface BundledPagesParts {
  /** Where they are once they are made. */
  folder(): string;
  /** Makes them. */
  make(): Promise<void>;
  /** They could not be made. */
  onFailed(error: unknown): void;
}

const ASSETS = '_assets';
/** After a failure it is tried again. */
const PAUSE_MS = 60_000;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** The files of the viewer, some 7 MB, in memory from when somebody first asks; where there are none yet, they are made first, once for all who ask. */
export class BundledPages {
  readonly #parts: BundledPagesParts;
  #files: ReadonlyMap<string, PageFile> | undefined;
  #making: Promise<void> | undefined;
  #failedAtMs = -Infinity;

  constructor(parts: BundledPagesParts) {
    this.#parts = parts;
  }

  async get(): Promise<Pages> {
    if (this.#files) return this.#files;
    const folder = this.#parts.folder();
    if (existsSync(folder)) return (this.#files = await filesOf(folder));
    if (!this.#making && performance.now() - this.#failedAtMs < PAUSE_MS) return 'cannot be made';
    this.#making ??= this.#make();
    return 'being made';
  }

  async #make(): Promise<void> {
    try {
      await this.#parts.make();
    } catch (error) {
      this.#failedAtMs = performance.now();
      this.#parts.onFailed(error);
    } finally {
      this.#making = undefined;
    }
  }
}

/** Names are those that are there: whatever else is asked for is not looked for. */
async function filesOf(folder: string): Promise<Map<string, PageFile>> {
  const assets = (await readdir(path.join(folder, ASSETS))).map((name) => `${ASSETS}/${name}`);
  const names = ['index.html', ...assets].filter((name) => !name.endsWith('.gz'));
  const files = names.map(async (name): Promise<[string, PageFile]> => {
    const bytes = await readFile(path.join(folder, name));
    const contentType = TYPES[path.extname(name)] ?? 'application/octet-stream';
    const gzip = assets.includes(`${name}.gz`) ? await readFile(path.join(folder, `${name}.gz`)) : undefined;
    return [name, { contentType, bytes, ...(gzip && { gzip }) }];
  });
  return new Map(await Promise.all(files));
}
