import { parseJson } from '../../fhir/json/parse.ts';
import { FhirError, fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { Records } from '../../records/records.ts';
import type { Interaction } from '../http/types.ts';

export const PROVENANCE_HEADER = 'x-provenance';
const PROVENANCE = 'Provenance';

/**
 * An interaction that writes, with which a client may send a Provenance in the header X-Provenance (http://hl7.org/fhir/R4/provenance.html#header):
 * JSON without targets, which are filled in. It is stored in the transaction of what is written.
 */
export function withProvenance(records: Pick<Records, 'check'>, interaction: Interaction): Interaction {
  return async (request) => {
    const header = request.raw.headers[PROVENANCE_HEADER];
    if (header === undefined) return interaction(request);
    const given = await received(records, String(header));
    const { caller } = request;
    return interaction({ ...request, caller: { ...caller, provenance: { ...caller.provenance, given } } });
  };
}

async function received(records: Pick<Records, 'check'>, header: string) {
  try {
    const { value, exact } = parseJson(Buffer.from(header, 'latin1')); // Node's view of the header's bytes
    requireUntargeted(value);
    const target = [{ display: 'what is written' }];
    const whole = { value: { ...value, target }, exact: { ...(exact as JsonObject), target } };
    return await records.check(whole, PROVENANCE);
  } catch (error) {
    throw error instanceof FhirError ? ofHeader(error) : error;
  }
}

function requireUntargeted(value: unknown): asserts value is JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject) throw fhirError('incorrect', 'structure', 'It must be a JSON object.');
  if ('target' in value)
    throw fhirError(
      'incorrect',
      'invalid',
      'Leave target out: it is what the request writes.',
      `${PROVENANCE}.target`,
    );
}

/** Faults of the header must not be taken for faults of the body. */
const ofHeader = ({ category, issues }: FhirError): FhirError =>
  new FhirError(
    category,
    issues.map((issue) => ({ ...issue, diagnostics: `In the header X-Provenance: ${issue.diagnostics}` })),
  );

/** @throws FhirError `incorrect`: each entry of a batch is a request of its own, and none of them has sent it */
export const batchWithProvenance = () =>
  fhirError(
    'incorrect',
    'invalid',
    'X-Provenance goes with a transaction or a single write, not with a batch.',
  );
