import type { Definitions } from '../fhir/definitions/types.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { Jobs } from '../records/jobs/jobs.ts';
import { IMPORT_KIND } from './import/kind.ts';
import { importRequest } from './import/request.ts';
import type { ImportSources } from './import/sources.ts';
import type { Operation } from './operation.ts';

/**
 * `$import`: fetches NDJSON files by their URLs and stores their resources under their ids, as a job
 * (https://github.com/smart-on-fhir/bulk-import, import-manifest.md; http://hl7.org/fhir/R4/async.html).
 */
export function importOperation(jobs: Jobs, sources: ImportSources, definitions: Definitions): Operation {
  const parts = { sources, isResourceType: (name: string) => definitions.isResourceType(name) };
  return {
    name: 'import',
    definition: 'https://maxray.example/fhir/OperationDefinition/import',
    levels: ['system'],
    affectsState: true,
    takesPlainJson: true,
    run: async ({ caller, parameters, plainJson, respondAsync }) => {
      if (!caller.isAdministrator)
        throw fhirError('forbidden', 'forbidden', 'Only administrators may use $import.');
      if (!respondAsync) {
        const text =
          '$import goes on after its answer: send it with Prefer: respond-async, by itself and not in a bundle.';
        throw fhirError('incorrect', 'not-supported', text, 'http.Prefer');
      }
      const request = importRequest(parts, plainJson, parameters);
      const job = await jobs.begin(caller, IMPORT_KIND, request);
      return { kind: 'accepted', job, text: 'The import goes on; Content-Location tells how far it is.' };
    },
  };
}
