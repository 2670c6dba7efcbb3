import type { IndexRecords, ReindexStatus } from '../records/searchParameters.ts';
import type { Operation } from './operation.ts';
import { acceptOnly, boolean } from './values.ts';

type Walk = ReindexStatus['walks'][number];
type Parameter = ReindexStatus['parameters'][number];

/** Status of an accepted request whose work goes on (http://hl7.org/fhir/R4/async.html). */
const ACCEPTED = 202;

/**
 * `$reindex`: gives every resource the index rows of the search parameters as they are now. POST starts or resumes what is
 * needed and answers at once (`all=true`: every type; at type level: this type, needed or not); GET tells how far it is.
 */
export function reindexOperation(index: IndexRecords): Operation {
  return {
    name: 'reindex',
    definition: 'https://maxray.example/fhir/OperationDefinition/reindex',
    levels: ['system', 'type'],
    affectsState: 'by POST',
    run: async ({ caller, type, parameters, isPost }) => {
      acceptOnly(parameters, 'reindex', isPost && type === undefined ? ['all'] : []);
      const all = boolean(parameters, 'all') ?? false;
      const status = isPost
        ? await index.reindex(caller, { all, ...(type !== undefined && { type }) })
        : await index.status(caller);
      const body = JSON.stringify(statusParameters(status, type));
      return { kind: 'resource', body, ...(isPost && isAtWork(status) && { status: ACCEPTED }) };
    },
  };
}

const isAtWork = ({ walks }: ReindexStatus) => walks.some((walk) => walk.requested && !walk.finished);

function statusParameters({ walks, parameters, outdated }: ReindexStatus, type: string | undefined) {
  const shown = type === undefined ? walks : walks.filter((walk) => walk.type === type);
  const used = type === undefined ? parameters : parameters.filter(({ types }) => types.includes(type));
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'status', valueCode: wholeState({ walks: shown, parameters: used, outdated }) },
      ...outdated.map((reason) => ({ name: 'reason', valueString: reason })),
      ...shown.map(walkParameter),
      ...used.map(usedParameter),
    ],
  };
}

/** `needed`: POST $reindex is called for. */
function wholeState({ walks, parameters, outdated }: ReindexStatus): 'complete' | 'running' | 'needed' {
  const open = walks.filter(({ finished }) => !finished);
  if (open.some(({ requested }) => !requested)) return 'needed';
  if (open.length > 0) return 'running';
  return outdated.length > 0 || parameters.some(isPending) ? 'needed' : 'complete';
}

/** With all walks over: it was added since. */
const isPending = ({ revision, ready }: Parameter) => revision !== undefined && !ready;

function walkState({ requested, finished, started }: Walk): string {
  if (finished) return 'complete';
  if (!requested) return 'needed';
  return started ? 'running' : 'waiting';
}

function walkParameter(walk: Walk) {
  const { type, done, changed, total, started, finished, fault } = walk;
  return {
    name: 'type',
    part: [
      { name: 'name', valueCode: type },
      { name: 'status', valueCode: walkState(walk) },
      { name: 'done', valueInteger: done },
      { name: 'changed', valueInteger: changed },
      ...(total === undefined ? [] : [{ name: 'total', valueInteger: total }]),
      ...(started === undefined ? [] : [{ name: 'started', valueInstant: started.toISOString() }]),
      ...(finished === undefined ? [] : [{ name: 'finished', valueInstant: finished.toISOString() }]),
      ...(fault === undefined ? [] : [{ name: 'fault', valueString: fault }]),
    ],
  };
}

function usedParameter({ id, definition, fault, ready, revision }: Parameter) {
  const state = revision === undefined ? 'unused' : ready ? 'ready' : 'pending';
  return {
    name: 'searchParameter',
    part: [
      { name: 'resource', valueReference: { reference: `SearchParameter/${id}` } },
      { name: 'status', valueCode: state },
      ...(definition === undefined ? [] : [{ name: 'code', valueCode: definition.code }]),
      ...(fault === undefined ? [] : [{ name: 'reason', valueString: fault }]),
    ],
  };
}
