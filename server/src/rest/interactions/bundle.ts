import type { Definitions } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { ParsedJson } from '../../fhir/json/parse.ts';
import type { ParsedBatch } from '../../fhir/xml/xmlFormat.ts';
import { runBatch } from '../bundle/batch.ts';
import type { BundleParts } from '../bundle/context.ts';
import { runTransactionBundle } from '../bundle/transaction.ts';
import { BundleLimiter } from '../bundle/limiter.ts';
import { correctRepeatedUrls } from '../bundle/repeatedUrls.ts';
import { costOfEntries } from '../http/costs.ts';
import { receiveBundle } from '../http/resourceBody.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';
import { Turns } from '../bundle/turns.ts';
import { correctWithResources } from '../bundle/withResources.ts';
import { batchWithProvenance } from './provenance.ts';

/** Searches, histories and operations of bundles that run at the same time: each may hold a page in memory. */
const SEARCHES_AT_ONCE_MAX = 4;

/** POST [base] with a batch or transaction Bundle (http://hl7.org/fhir/R4/http.html#transaction). */
export function bundleInteraction(
  parts: BundleParts,
  definitions: Definitions,
  entriesMax: number,
  limiter = new BundleLimiter(),
): Interaction {
  const turns = new Turns(SEARCHES_AT_ONCE_MAX);
  return async (request) => {
    const { bytes, parse } = await receiveBundle(request, parts.bodyBytesMax);
    return limiter.run(bytes, () => run(request, parse()));
  };

  async function run(request: FhirRequest, body: ParsedBatch): Promise<FhirResponse> {
    const { value, exact } = asBundle(body);
    for (const tree of new Set([value, exact])) {
      correctWithResources(tree);
      correctRepeatedUrls(tree.entry);
    }
    const entries = (value.entry ?? []) as JsonObject[];
    if (Array.isArray(entries) && entries.length > entriesMax) {
      const text = `The bundle has more than ${entriesMax} entries: split it into several.`;
      throw fhirError('too-large', 'too-costly', text, 'Bundle.entry');
    }
    request.charge(costOfEntries(entries));
    const context = { ...parts, definitions, request, turns };
    if (value.type === 'transaction') {
      request.caller.trail?.asks({ event: 'transaction' });
      await parts.records.check(body, 'Bundle');
      return runTransactionBundle(context, entries, (exact.entry ?? []) as JsonObject[]);
    }
    if (request.caller.provenance?.given) throw batchWithProvenance();
    return runBatch(context, body);
  }
}

function asBundle(body: ParsedJson): { value: Resource; exact: Resource } {
  const value = body.value as Resource | null;
  if (typeof value !== 'object' || value === null || value.resourceType !== 'Bundle') {
    throw fhirError(
      'incorrect',
      'invalid',
      'The FHIR base takes a Bundle; send other resources to the URL of their type.',
      'resourceType',
    );
  }
  if (value.type !== 'batch' && value.type !== 'transaction') {
    throw fhirError(
      'incorrect',
      'invalid',
      "The FHIR base runs bundles of type 'batch' and 'transaction'; others are stored by POST Bundle.",
      'Bundle.type',
    );
  }
  return { value, exact: body.exact as Resource };
}
