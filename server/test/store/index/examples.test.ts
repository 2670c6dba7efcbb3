import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createIndexer } from '../../../src/store/index/indexer.ts';
import { createIndexQuery } from '../../../src/store/index/query.ts';
import { UNINDEXED_TYPES } from '../../../src/store/index/unindexed.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';
import { evaluate } from './support/evaluate.ts';
import { probes } from './support/probe.ts';

const archive = sharedPath('data/r4-examples-4.0.1.tgz');
const SECRET = new Uint8Array(16).fill(5);
const EXAMPLES_MIN = 5_200;
const VALUES_MIN = 40_000;
const TIMEOUT_MS = 300_000;

(archive ? describe : describe.skip)("HL7's R4 examples", () => {
  let definitions: Definitions;
  let resources: Resource[];

  beforeAll(async () => {
    definitions = await r4Definitions();
    resources = [...archivedFiles(archive ?? '')]
      .filter(({ name }) => !name.endsWith('package.json'))
      .map(({ content }) => JSON.parse(content.toString()) as Resource);
  });

  test(
    'have the same rows by generated code as when fhirpath runs every path',
    () => {
      const compiled = createIndexer(definitions, SECRET);
      const interpreted = createIndexer(definitions, SECRET, { interpreted: true });
      const different: string[] = [];
      for (const resource of resources) {
        const [rows, expected] = [compiled.index(resource), interpreted.index(resource)];
        if (!isDeepStrictEqual(rows, expected)) different.push(nameOf(resource));
      }
      expect(different).toEqual([]);
      expect(resources.length).toBeGreaterThan(EXAMPLES_MIN);
    },
    TIMEOUT_MS,
  );

  test(
    'are found by every value that fhirpath selects in them',
    () => {
      const indexer = createIndexer(definitions, SECRET);
      const query = createIndexQuery(definitions, SECRET);
      const missed: string[] = [];
      let values = 0;
      for (const resource of resources) {
        const type = resource.resourceType;
        const rows = indexer.index(resource);
        for (const { code, type: kind, expression = '' } of definitions.searchParameters(type)) {
          if (kind === 'composite' || !query.plan(type, code)) continue;
          for (const found of evaluate(expression, type, resource)) {
            if (found.value === null || UNINDEXED_TYPES[kind]?.includes(found.type)) continue;
            values++;
            const all = probes(query, type, code, kind, found);
            if (!all.every((probe) => probe(rows)))
              missed.push(`${nameOf(resource)}?${code} (${found.type})`);
          }
        }
      }
      expect(missed).toEqual([]);
      expect(values).toBeGreaterThan(VALUES_MIN);
    },
    TIMEOUT_MS,
  );
});

function nameOf(resource: Resource): string {
  return `${resource.resourceType}/${resource.id ?? ''}`;
}
