import { randomUUID } from 'node:crypto';
import { isId } from '../fhir/id.ts';
import { parseJson } from '../fhir/json/parse.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { DocumentRecords, DocumentResource } from '../records/document/documents.ts';
import type { Records } from '../records/records.ts';
import type { Operation, OperationRequest } from './operation.ts';
import { acceptOnly, boolean } from './values.ts';
import { parameterExpression, parameterFault } from './parameterFault.ts';

/**
 * `Composition/[id]/$document` and `Composition/$document?id=[id]`: a Composition with all that it refers to, as a Bundle of
 * type document (http://hl7.org/fhir/R4/composition-operation-document.html).
 *
 * @param base absolute URL of the FHIR base
 */
export function documentOperation(
  documents: DocumentRecords,
  records: Pick<Records, 'create'>,
  base: string,
): Operation {
  return {
    name: 'document',
    definition: 'http://hl7.org/fhir/OperationDefinition/Composition-document',
    levels: ['type', 'instance'],
    types: ['Composition'],
    affectsState: 'by POST',
    run: async (request) => {
      const { caller, parameters } = request;
      acceptOnly(parameters, 'document', ['id', 'persist', 'graph']);
      if (parameters.named('graph').length > 0) throw graphUnsupported();
      const persist = boolean(parameters, 'persist') ?? false;
      const resources = await documents.gather(caller, compositionId(request, base));
      const body = documentText(resources, base, new Date());
      if (!persist) return { kind: 'resource', body };
      const stored = await records.create(caller, 'Bundle', parseJson(Buffer.from(body)));
      return { kind: 'resource', body: stored.content, stored };
    },
  };
}

function compositionId({ id, parameters }: OperationRequest, base: string): string {
  const named = parameters.text('id');
  if (id !== undefined) {
    if (named === undefined) return id;
    const text = 'The URL says which Composition is meant: leave out the parameter id.';
    throw parameterFault('invalid', 'id', text);
  }
  if (named === undefined) {
    const text = 'Composition/$document needs the parameter id of a Composition.';
    throw parameterFault('required', 'id', text);
  }
  const own = named.startsWith(`${base}/`) ? named.slice(base.length + 1) : named;
  const local = own.replace(/^Composition\//, '');
  if (isId(local)) return local;
  const text =
    'id takes the id of a Composition of this server, or its URL here: Compositions elsewhere are not fetched.';
  throw fhirError('unprocessable', 'not-supported', text, parameterExpression('id'));
}

/** The document as FHIR JSON: the resources are texts already, and are not parsed. */
function documentText(resources: readonly DocumentResource[], base: string, assembled: Date): string {
  const time = JSON.stringify(assembled.toISOString());
  const identifier = JSON.stringify({ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` });
  const entries = resources.map(
    ({ type, id, content }) => `{"fullUrl":${JSON.stringify(`${base}/${type}/${id}`)},"resource":${content}}`,
  );
  const head = `{"resourceType":"Bundle","meta":{"lastUpdated":${time}},"identifier":${identifier},"type":"document","timestamp":${time}`;
  return `${head},"entry":[${entries.join(',')}]}`;
}

const graphUnsupported = () =>
  fhirError(
    'unprocessable',
    'not-supported',
    'The parameter graph is not supported: a document holds what its Composition refers to. Leave it out.',
  );
