import type { CarePeriod, EverythingPage, ScanPosition } from '../store/search/everything/everything.ts';
import type { Store } from '../store/store.ts';
import type { Caller } from './caller.ts';
import type { Cursors } from './cursors.ts';
import type { Records } from './records.ts';
import type { FoundResource, SearchResult } from './search.ts';

export type { CarePeriod } from '../store/search/everything/everything.ts';

/** Types whose resources have an `$everything`. */
export type EverythingType = 'Patient' | 'Encounter';

/** Groups of patients that one page looks through before it says that there may be more. */
const GROUPS_PER_PAGE_MAX = 20;

export interface EverythingRequest {
  type: EverythingType;
  /** Absent: every patient. */
  id?: string;
  /** Resource types to return; absent: all. */
  types?: readonly string[];
  /** Only what was written then or later. */
  since?: Date;
  care: CarePeriod;
  /** Most matches of a page. */
  count: number;
  /** Sealed position from the page before. */
  page?: string;
}

export interface EverythingResult extends SearchResult {
  /** Everything that was written before is in the result: the next `since`. */
  asOf: Date;
}

/** Where a page begins. */
interface Position {
  asOf: string;
  at?: ScanPosition;
  /** Of all patients: row ids between which the patients lie that are being read; without `to`, those after `from`. */
  patients?: { from: string; to?: string };
}

/** All that belongs to a patient, to an encounter or to all patients. */
export class EverythingRecords {
  readonly #store: Store;
  readonly #records: Records;
  readonly #cursors: Cursors;

  constructor(store: Store, records: Records, cursors: Cursors) {
    this.#store = store;
    this.#records = records;
    this.#cursors = cursors;
  }

  /**
   * One page of a record (http://hl7.org/fhir/R4/patient-operation-everything.html): first the resource itself, then
   * its compartment by type and age; beside the matches what they refer to.
   *
   * @throws FhirError `not-found`, `gone`; `incorrect` when the page is of another query or caller
   */
  async page(caller: Caller, request: EverythingRequest): Promise<EverythingResult> {
    const { id, type } = request;
    if (id !== undefined) await this.#records.read(caller, type, id);
    const identity = identityOf(request);
    const start: Position =
      request.page === undefined
        ? { asOf: (await this.#store.everything.settledUntil()).toISOString() }
        : this.#cursors.open<Position>(caller, identity, request.page);
    const { found, next } =
      id === undefined ? await this.#ofAll(request, start) : await this.#ofOne(request, id, start);
    return {
      matches: await this.#records.visible(caller, found.matches as FoundResource[]),
      included: await this.#records.visible(caller, found.referenced as FoundResource[]),
      includesCut: found.truncated,
      asOf: new Date(start.asOf),
      ...(next && { next: this.#cursors.seal(caller, identity, next) }),
    };
  }

  async #ofOne(request: EverythingRequest, id: string, start: Position): Promise<Read> {
    const found = await this.#store.everything.page(queryOf(request, [id]), start.at);
    return { found, ...(found.next && { next: { asOf: start.asOf, at: found.next } }) };
  }

  /** Group by group, so that a page of a few patients does not look at all. */
  async #ofAll(request: EverythingRequest, start: Position): Promise<Read> {
    const { asOf } = start;
    let { at, patients = { from: '0' } } = start;
    for (let groups = 0; groups < GROUPS_PER_PAGE_MAX; groups++) {
      const { ids, bounds, hasMore } = await this.#store.everything.patients(patients);
      const found = await this.#store.everything.page(queryOf(request, ids), at);
      at = found.next;
      patients = at ? bounds : { from: bounds.to };
      const next = at ? { asOf, patients, at } : hasMore ? { asOf, patients } : undefined;
      if (found.matches.length + found.referenced.length > 0) return { found, ...(next && { next }) };
      if (!next) return { found };
    }
    return { found: NOTHING, next: { asOf, patients, ...(at && { at }) } };
  }
}

interface Read {
  found: EverythingPage;
  next?: Position;
}

const NOTHING: EverythingPage = { matches: [], referenced: [], truncated: false };

function queryOf({ type, types, since, care, count }: EverythingRequest, ids: readonly string[]) {
  return {
    owners: { type, ids },
    care,
    count,
    ...(types && { types: new Set(types) }),
    ...(since && { since }),
  };
}

/** How many come in a page may change from page to page. */
function identityOf({ type, id, types, since, care }: EverythingRequest): string {
  return JSON.stringify(['everything', type, id, types, since, care.fromMs, care.toMs]);
}
