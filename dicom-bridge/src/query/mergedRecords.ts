import type { MedplumClient } from '@medplum/core';
import { DIMSE_STATUS, DimseError } from '../dimse/services.ts';
import { MERGES_MAX, replacementOf } from '../fhir/mergedPatients.ts';

/** Records that were merged into those of the patients whom one query asks for. */
export const MERGED_MAX = 200;
/** What parameters of a search of studies begin with that are about their patients. */
const OF_PATIENT = 'patient:Patient.';

/**
 * Ids of the records that were merged into those of the patients whom a search of studies asks for; none where it asks for nobody.
 *
 * @throws DimseError for more than are looked through; what a request of the client rejects with
 */
export async function mergedInto(
  medplum: MedplumClient,
  search: URLSearchParams,
  signal: AbortSignal,
): Promise<string[]> {
  let query = [...search].flatMap(([name, value]): [string, string][] =>
    name.startsWith(OF_PATIENT) ? [[`link:Patient.${name.slice(OF_PATIENT.length)}`, value]] : [],
  );
  const found = new Set<string>();
  for (let merges = 0; merges < MERGES_MAX && query.length > 0 && !signal.aborted; merges += 1) {
    const parameters = new URLSearchParams([
      ...query,
      ['_count', String(MERGED_MAX + 1)],
      ['_total', 'none'],
    ]);
    const linked = await medplum.searchResources('Patient', parameters, { cache: 'reload' });
    const fresh = linked.filter((one) => replacementOf(one) !== undefined && !found.has(one.id));
    for (const { id } of fresh) found.add(id);
    if (found.size > MERGED_MAX) throw tooMany();
    query = fresh.length === 0 ? [] : [['link', fresh.map(({ id }) => `Patient/${id}`).join(',')]];
  }
  return [...found];
}

/** The same search, of the studies of these patients. @param ids of Patients */
export const insteadOfPatients = (search: URLSearchParams, ids: readonly string[]): URLSearchParams =>
  new URLSearchParams([
    ...[...search].filter(([name]) => !name.startsWith(OF_PATIENT)),
    ['patient', ids.map((id) => `Patient/${id}`).join(',')],
  ]);

const tooMany = (): DimseError =>
  new DimseError(
    DIMSE_STATUS.outOfResources,
    `More than ${MERGED_MAX} merged records to look through: ask for less.`,
  );
