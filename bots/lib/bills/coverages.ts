import type { MedplumClient } from '@medplum/core';
import type { Coverage, Organization, Reference } from '@medplum/fhirtypes';
import { covers } from '../prices/effective.ts';
import { idOf } from './references.ts';

/** Most coverages of a patient that are looked at. */
const COVERAGES_MAX = 50;

/** A coverage with whom it is claimed from. */
export interface ClaimedCoverage {
  resourceType: 'Coverage';
  id: string;
  insurer: Reference<Organization>;
}

/**
 * The coverages that are asked to pay for what was done at a time, first the one that pays first (Coverage.order; those
 * without an order last).
 *
 * @param patient id @param when date or dateTime
 */
export async function coveragesOf(
  medplum: MedplumClient,
  patient: string,
  when: string,
): Promise<(ClaimedCoverage & Coverage)[]> {
  const found = await medplum.searchResources(
    'Coverage',
    `beneficiary=Patient/${patient}&status=active&_count=${COVERAGES_MAX}`,
  );
  return found
    .filter(({ period }) => covers(period, when))
    .flatMap((coverage) => {
      const insurer = coverage.payor.find((payor) => idOf(payor, 'Organization') !== undefined);
      return insurer ? [{ ...coverage, insurer: insurer as Reference<Organization> }] : [];
    })
    .sort((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity) || (a.id < b.id ? -1 : 1));
}
