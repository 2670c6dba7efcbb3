import type { Definitions } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import { parseJson, type ParsedJson } from '../../fhir/json/parse.ts';
import type { Records } from '../../records/records.ts';
import { runBatch } from '../bundle/batch.ts';
import { runTransactionBundle } from '../bundle/transaction.ts';
import { BundleLimiter } from '../bundle/limiter.ts';
import { readBody } from '../http/body.ts';
import { requireJsonContent } from '../http/negotiation.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';
import type { WriteLimits } from './write.ts';

export interface BundleLimits extends WriteLimits {
  entriesMax: number;
}

/** POST [base] with a batch or transaction Bundle (http://hl7.org/fhir/R4/http.html#transaction). */
export function bundleInteraction(
  records: Records,
  definitions: Definitions,
  base: string,
  limits: BundleLimits,
): Interaction {
  const limiter = new BundleLimiter();
  return async (request) => {
    requireJsonContent(request.raw.headers['content-type']);
    const bytes = await readBody(request.raw, limits.bodyBytesMax, request.body);
    return limiter.run(bytes.length, () => run(request, parseJson(bytes)));
  };

  async function run(request: FhirRequest, body: ParsedJson): Promise<FhirResponse> {
    const { value, exact } = asBundle(body);
    const entries = (value.entry ?? []) as JsonObject[];
    if (Array.isArray(entries) && entries.length > limits.entriesMax) {
      const text = `The bundle has more than ${limits.entriesMax} entries: split it into several.`;
      throw fhirError('too-large', 'too-costly', text, 'Bundle.entry');
    }
    const context = { records, definitions, base, request };
    if (value.type === 'transaction') {
      records.check(body, 'Bundle');
      return runTransactionBundle(context, entries, (exact.entry ?? []) as JsonObject[]);
    }
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
