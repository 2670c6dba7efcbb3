import type { Criteria, ExpectedVersion, TransactionResult, Written } from '../../records/records.ts';
import { discardBody } from '../http/body.ts';
import { ifNoneExistHeader, ifNoneExistPairs } from '../http/criteria.ts';
import { expectedVersion } from '../http/etag.ts';
import { readResource } from '../http/resourceBody.ts';
import type { FhirRequest, Interaction } from '../http/types.ts';
import { VIEW_PARAMETERS } from '../presentation/view.ts';
import { deletedResponse, requestedVersion, writtenResponse, type WriteParts } from './write.ts';

/** POST Type with If-None-Exist (http://hl7.org/fhir/R4/http.html#ccreate): 200 and nothing changed where one is there. */
export function conditionalCreateInteraction(parts: WriteParts): Interaction {
  const { records, views, base } = parts;
  return async (request) => {
    const type = request.type!;
    const projector = views.ofQuery(request.query, type);
    const pairs = ifNoneExistPairs({ text: ifNoneExistHeader(request.raw), type, base });
    const ifNoneExist = records.criteria(type, pairs);
    const resource = await records.check(await readResource(request, parts.bodyBytesMax), type);
    const [result] = await records.transact(request.caller, [
      { kind: 'create', type, resource, ifNoneExist },
    ]);
    return writtenResponse(request, base, asWritten(result!), projector);
  };
}

/** PUT Type?criteria (http://hl7.org/fhir/R4/http.html#cond-update). */
export function conditionalUpdateInteraction(parts: WriteParts): Interaction {
  const { records, views, base } = parts;
  return async (request) => {
    const type = request.type!;
    const expected = expectation(requestedVersion(request));
    const projector = views.ofQuery(request.query, type);
    const criteria = criteriaOf(parts, request);
    const resource = await records.check(await readResource(request, parts.bodyBytesMax), type);
    const [result] = await records.transact(request.caller, [
      { kind: 'update', type, resource, criteria, ...expected },
    ]);
    return writtenResponse(request, base, asWritten(result!), projector);
  };
}

/** DELETE Type?criteria (http://hl7.org/fhir/R4/http.html#2.21.0.13.1): 204, also when nothing was there. */
export function conditionalDeleteInteraction(parts: WriteParts): Interaction {
  return async (request) => {
    const type = request.type!;
    const expected = expectation(expectedVersion(request.raw.headers['if-match']));
    const criteria = criteriaOf(parts, request);
    await discardBody(request.raw);
    const [result] = await parts.records.transact(request.caller, [
      { kind: 'delete', type, criteria, ...expected },
    ]);
    return deletedResponse(request, result!);
  };
}

/** The criteria in the URL: its query without what says how to answer. */
export function criteriaOf({ records }: WriteParts, { type, query }: FhirRequest): Criteria {
  return records.criteria(
    type!,
    query.filter(([name]) => !VIEW_PARAMETERS.has(name)),
  );
}

const expectation = (expected: ExpectedVersion | undefined) =>
  expected === undefined ? {} : { expectedVersion: expected };

/** The result of an operation that writes a resource, or finds it there. */
export function asWritten(result: TransactionResult): Written {
  if (!('content' in result)) throw new Error(`a write has the outcome ${result.outcome}`);
  const { outcome, ...written } = result;
  return { ...written, created: outcome === 'created', kept: outcome === 'kept' };
}
