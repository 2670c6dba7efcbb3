import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { JsonObject } from '../../fhir/resource.ts';
import { makeFolder } from '../makeFolder.ts';
import { HL7_FORM, LATER_PACKAGE, R4_PACKAGE, type Hl7Edition, type Hl7Entry } from './hl7Files.ts';
import { typeAndUrl } from './namedVersions.ts';

const COMPILE_TIMEOUT_MS = 120_000;
const COMPILER = fileURLToPath(new URL('./hl7Compile.ts', import.meta.url));

/** One version of a canonical URL. */
export interface Hl7Canonical {
  edition: Hl7Edition;
  resource: JsonObject;
}

/**
 * The code systems, value sets and concept maps that HL7 has published, with FHIR R4 and since, by their canonical URLs. They stand
 * in a file that is made at the first use; in memory is only where each one begins.
 */
export class Hl7Terminology {
  readonly #cacheDir: string;
  #index: Promise<ReadonlyMap<string, Hl7Entry[]>> | undefined;

  /** @param cacheDir folder for the file; made if absent */
  constructor(cacheDir: string) {
    this.#cacheDir = cacheDir;
  }

  /** Every version of a canonical URL; most have one. */
  async byUrl(type: string, url: string): Promise<Hl7Canonical[]> {
    const entries = (await this.#entries()).get(typeAndUrl(type, url)) ?? [];
    return Promise.all(
      entries.map(async (entry) => ({ edition: entry[3], resource: await this.#read(entry) })),
    );
  }

  /** URL and version of each resource of a type. */
  async canonicals(type: string): Promise<{ url: string; version: string | undefined }[]> {
    return [...(await this.#entries()).values()]
      .flat()
      .filter(([one]) => one === type)
      .map(([, url, version]) => ({ url, version: version === '' ? undefined : version }));
  }

  #entries(): Promise<ReadonlyMap<string, Hl7Entry[]>> {
    if (this.#index === undefined) {
      this.#index = this.#load();
      this.#index.catch(() => (this.#index = undefined)); // a full disk may have room the next time
    }
    return this.#index;
  }

  async #load(): Promise<ReadonlyMap<string, Hl7Entry[]>> {
    let text = await readIndex(this.#file());
    if (text === undefined) {
      makeFolder(this.#cacheDir);
      await promisify(execFile)(process.execPath, [COMPILER, this.#file()], { timeout: COMPILE_TIMEOUT_MS });
      text = (await readIndex(this.#file())) ?? '[]';
    }
    const index = new Map<string, Hl7Entry[]>();
    for (const entry of JSON.parse(text) as Hl7Entry[]) {
      const key = typeAndUrl(entry[0], entry[1]);
      index.set(key, [...(index.get(key) ?? []), entry]);
    }
    return index;
  }

  async #read([, , , , offset, length]: Hl7Entry): Promise<JsonObject> {
    const file = await open(this.#file());
    try {
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
      return JSON.parse(buffer.toString()) as JsonObject;
    } finally {
      await file.close();
    }
  }

  #file(): string {
    const versions = [R4_PACKAGE, LATER_PACKAGE].map(packageVersion);
    return path.join(this.#cacheDir, `terminology-${versions.join('-')}-${HL7_FORM}.ndjson`);
  }
}

/** Of a package that is installed, some of which export nothing but their program. */
function packageVersion(name: string): string {
  const require = createRequire(import.meta.url);
  const folder = require.resolve
    .paths(name)!
    .find((one) => existsSync(path.join(one, name, 'package.json')))!;
  const manifest: unknown = require(path.join(folder, name, 'package.json'));
  return String((manifest as { version: unknown }).version);
}

async function readIndex(file: string): Promise<string | undefined> {
  try {
    return await readFile(`${file}.index`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
