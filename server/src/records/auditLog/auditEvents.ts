import type { Audit } from '../../audit/audit.ts';
import { placeOfId } from '../../audit/auditEvent/render.ts';
import type { PlacedRecord } from '../../audit/encode.ts';
import { auditConditions } from '../../audit/search/fromCondition.ts';
import type { AuditCondition } from '../../audit/search/query.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { Condition, SearchQuery, SortKey } from '../../fhir/search/ast.ts';
import type { StoredVersion } from '../../store/resource/types.ts';
import type { Caller } from '../caller.ts';
import type { Cursors } from '../cursors.ts';
import { notFound } from '../liveVersion.ts';
import type { SearchResult } from '../search.ts';
import { AUDIT_EVENT, isOfLog } from './logIds.ts';
import { reported } from './reported.ts';

type Cursor = NonNullable<Awaited<ReturnType<Audit['search']['find']>>['next']>;

export interface AccessReportRequest {
  /** Id of the patient. */
  patient: string;
  /** Closed; absent ends are open. */
  fromMs?: number;
  toMs?: number;
  /** Most AuditEvents in the page. */
  count: number;
  /** Sealed position from the page before. */
  page?: string;
}

interface Page {
  conditions: readonly AuditCondition[];
  ascending: boolean;
  count: number;
  page?: string | undefined;
}

/** The audit log as AuditEvents: for administrators, and for patients who saw their data. */
export class AuditEvents {
  readonly #audit: Pick<Audit, 'search' | 'event'>;
  readonly #cursors: Cursors;
  readonly #base: string;

  /** @param base absolute URL of the FHIR base */
  constructor(audit: Pick<Audit, 'search' | 'event'>, cursors: Cursors, base: string) {
    this.#audit = audit;
    this.#cursors = cursors;
    this.#base = base;
  }

  /**
   * Whether a search is one of the log: every search of AuditEvents is, unless it asks for ids that are none of the log, or for a label or
   * source of `meta`: these only AuditEvents have that were stored as resources.
   */
  answers({ searches, contained }: Pick<SearchQuery, 'searches' | 'contained'>): boolean {
    const [only, ...others] = searches;
    if (only?.type !== AUDIT_EVENT || others.length > 0 || contained !== 'false') return false;
    return !only.conditions.some(isOfStored);
  }

  /** @throws FhirError `forbidden`, `incorrect` for what the log cannot be searched by */
  async search(caller: Caller, query: SearchQuery): Promise<SearchResult> {
    caller.trail?.asks({ event: 'audit-used' });
    requireAdministrator(caller);
    const { conditions: asked, sort } = query.searches[0]!;
    if (query.includes.length > 0) throw notOffered('_include and _revinclude');
    if (query.explain) throw notOffered('_explain');
    const conditions = auditConditions(asked, this.#base);
    const { count, page } = query;
    const isCounted = count === 0 || query.total === 'accurate' || query.total === 'estimate';
    const [found, total] = await Promise.all([
      count === 0
        ? NOTHING
        : this.#page(caller, { conditions, ascending: isAscending(sort), count, page }, (one) => one),
      isCounted ? this.#audit.search.count(conditions) : undefined,
    ]);
    const isWhole = count > 0 && page === undefined && found.next === undefined && query.total !== 'none';
    const all = total ?? (isWhole ? found.matches.length : undefined);
    return all === undefined ? found : { ...found, total: all };
  }

  /** One record. @throws FhirError `forbidden`, `not-found` */
  async read(caller: Caller, id: string): Promise<StoredVersion & { content: string }> {
    caller.trail?.asks({ event: 'audit-used' });
    requireAdministrator(caller);
    const placed = await this.#audit.search.at(placeOfId(id)!);
    if (placed === undefined) throw notFound(AUDIT_EVENT, id);
    const lastUpdated = new Date(placed.record.recordedMs);
    return { id, version: 1, lastUpdated, method: 'C', content: this.#text(placed) };
  }

  /**
   * Who saw or changed the data of a patient, newest first. The patient is shown nothing of others who stand in the same record.
   *
   * @throws FhirError `forbidden` for others than the patient and administrators
   */
  accessReport(caller: Caller, request: AccessReportRequest): Promise<SearchResult> {
    caller.trail?.asks({ event: 'audit-used' });
    const { patient, fromMs, toMs, count, page } = request;
    const isPatient = caller.agent.profile === `Patient/${patient}`;
    if (!isPatient && !caller.isAdministrator)
      throw fhirError('forbidden', 'forbidden', 'Only the patient and administrators see who saw the data.');
    const conditions: AuditCondition[] = [{ by: 'patient', ids: [patient] }];
    if (fromMs !== undefined) conditions.push({ by: 'date', comparisons: [bound('ge', fromMs)] });
    if (toMs !== undefined) conditions.push({ by: 'date', comparisons: [bound('le', toMs)] });
    const wanted = { conditions, ascending: false, count, page };
    return this.#page(caller, wanted, (one) => (caller.isAdministrator ? one : reported(one, patient)));
  }

  async #page(
    caller: Caller,
    { conditions, ascending, count, page }: Page,
    view: (placed: PlacedRecord) => PlacedRecord,
  ): Promise<SearchResult> {
    const identity = `audit ${JSON.stringify([conditions, ascending])}`;
    const after = page === undefined ? undefined : this.#cursors.open<Cursor>(caller, identity, page);
    const found = await this.#audit.search.find({
      conditions,
      ascending,
      count,
      ...(after !== undefined && { after }),
    });
    const matches = found.records.map((placed) => {
      const event = this.#audit.event(view(placed));
      return { type: AUDIT_EVENT, id: event.id!, content: JSON.stringify(event) };
    });
    const next = found.next && this.#cursors.seal(caller, identity, found.next);
    return { matches, included: [], includesCut: false, ...(next !== undefined && { next }) };
  }

  #text(placed: PlacedRecord): string {
    return JSON.stringify(this.#audit.event(placed));
  }
}

const NOTHING: SearchResult = { matches: [], included: [], includesCut: false };

/** What stands in `meta`, and in no record of the log. */
const OF_META: ReadonlySet<string> = new Set(['_tag', '_security', '_source']);
const isOfStored = (condition: Condition): boolean =>
  condition.kind === 'id'
    ? !condition.ids.some((id) => isOfLog(AUDIT_EVENT, id))
    : 'parameter' in condition && OF_META.has(condition.parameter.code);

const bound = (prefix: 'ge' | 'le', ms: number) => ({ prefix, lo: ms, hi: ms, exact: ms });

function isAscending(sort: readonly SortKey[]): boolean {
  const [first, ...others] = sort;
  if (first === undefined) return false;
  const isTime =
    first.by === 'last-updated' || (first.by === 'parameter' && first.parameter?.code === 'date');
  if (!isTime || others.length > 0) throw notOffered('_sort by anything but date');
  return !first.descending;
}

function requireAdministrator(caller: Caller): void {
  if (caller.isAdministrator) return;
  const text =
    'Only administrators read the audit log. Patients see who saw their data by Patient/[id]/$access-report.';
  throw fhirError('forbidden', 'forbidden', text);
}

const notOffered = (what: string) =>
  fhirError('incorrect', 'not-supported', `Searches of the audit log do not take ${what}: leave it out.`);
