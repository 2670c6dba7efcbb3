import { fhirError } from '../fhir/outcome.ts';
import type { SearchQuery } from '../fhir/search/ast.ts';
import { COUNT_MAX } from '../fhir/search/limits.ts';
import { escapeValue } from '../fhir/search/split.ts';
import type { JsonObject } from '../fhir/resource.ts';
import type { Caller } from '../records/caller.ts';
import type { FoundResource, Records, SearchResult } from '../records/records.ts';
import type { Operation } from './operation.ts';
import { statisticsObservation } from './stats/answer.ts';
import { Measurements, type Observation } from './stats/measurements.ts';
import { statsRequest, type StatsRequest } from './stats/request.ts';
import { UnitConversion } from './stats/unitConversion.ts';

/** Observations that one call takes into account. */
export const OBSERVATIONS_MAX = 20_000;
/** Content of the source observations that come along, in UTF-16 code units. */
const SOURCES_CHARS_MAX = 16 * 2 ** 20;

/**
 * `Observation/$stats` (http://hl7.org/fhir/R4/observation-operation-stats.html).
 *
 * @param base absolute URL of the FHIR base: references that begin with it are to this server
 */
export function statsOperation(records: Pick<Records, 'parseSearch' | 'search'>, base: string): Operation {
  const units = new UnitConversion();
  return {
    name: 'stats',
    definition: 'http://hl7.org/fhir/OperationDefinition/Observation-stats',
    levels: ['type'],
    types: ['Observation'],
    affectsState: false,
    run: async ({ caller, parameters }) => {
      const request = statsRequest(parameters, Date.now());
      const { measurements, sources } = await gather(records, base, caller, request);
      const statistics = measurements.groups().map((group) => statisticsObservation(units, request, group));
      return { kind: 'resource', body: parametersText(statistics, sources) };
    },
  };
}

async function gather(
  records: Pick<Records, 'parseSearch' | 'search'>,
  base: string,
  caller: Caller,
  request: StatsRequest,
): Promise<{ measurements: Measurements; sources: string[] }> {
  const measurements = new Measurements(request.codings);
  const sources = new Sources(request.sources);
  let query: SearchQuery = records.parseSearch({ type: 'Observation' }, searchPairs(request), 'strict').query;
  for (let count = 0; ;) {
    const page = await records.search(caller, query);
    count += page.matches.length;
    if (page.includesCut || count > OBSERVATIONS_MAX) throw tooMany();
    addPage(base, measurements, sources, page);
    if (page.next === undefined) return { measurements, sources: sources.texts };
    query = { ...query, page: page.next };
  }
}

/** The newest first, with the members of panels. */
function searchPairs({ subject, codings, fromMs, toMs }: StatsRequest): [string, string][] {
  const tokens = codings.map(({ system, code }) => `${escapeValue(system)}|${escapeValue(code)}`);
  return [
    ['subject', escapeValue(subject)],
    ['combo-code', tokens.join(',')],
    ['status:not', 'entered-in-error'],
    ...(fromMs === undefined ? [] : [dated('ge', fromMs)]),
    ...(toMs === undefined ? [] : [dated('le', toMs)]),
    ['_sort', '-date'],
    ['_count', String(COUNT_MAX)],
    ['_total', 'none'],
    ['_include:iterate', 'Observation:has-member:Observation'],
  ];
}

const dated = (prefix: string, ms: number): [string, string] => ['date', prefix + new Date(ms).toISOString()];

function addPage(
  base: string,
  measurements: Measurements,
  sources: Sources,
  { matches, included }: SearchResult,
): void {
  const parsed = new Map<string, { found: FoundResource; observation: Observation }>();
  for (const found of [...matches, ...included]) {
    parsed.set(`Observation/${found.id}`, { found, observation: JSON.parse(found.content) as Observation });
  }
  for (const { id } of matches) {
    const { found, observation } = parsed.get(`Observation/${id}`)!;
    sources.add(found);
    measurements.add(observation, (reference) => {
      const member = parsed.get(withoutBase(base, reference).replace(/\/_history\/.*$/, ''));
      if (member === undefined || !belongsTo(base, observation, member.observation)) return undefined;
      sources.add(member.found);
      return member.observation;
    });
  }
}

/** Members that were entered in error, or that are of somebody else, do not count. */
function belongsTo(base: string, panel: Observation, member: Observation): boolean {
  return member.status !== 'entered-in-error' && subjectOf(base, member) === subjectOf(base, panel);
}

function subjectOf(base: string, { subject }: Observation): string | undefined {
  const { reference } = (subject ?? {}) as JsonObject;
  return typeof reference === 'string' ? withoutBase(base, reference) : undefined;
}

const withoutBase = (base: string, reference: string) =>
  reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;

/** The observations on which the statistics are based, as far as they are wanted. */
class Sources {
  readonly texts: string[] = [];
  readonly #max: number;
  readonly #ids = new Set<string>();
  #chars = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add({ id, content }: FoundResource): void {
    if (this.texts.length === this.#max || this.#ids.has(id)) return;
    if (this.#chars + content.length > SOURCES_CHARS_MAX) return;
    this.#ids.add(id);
    this.#chars += content.length;
    this.texts.push(content);
  }
}

/** Stored texts go out as they are. */
function parametersText(statistics: readonly JsonObject[], sources: readonly string[]): string {
  const parameters = [
    ...statistics.map((observation) => `{"name":"statistics","resource":${JSON.stringify(observation)}}`),
    ...sources.map((content) => `{"name":"source","resource":${content}}`),
  ];
  return `{"resourceType":"Parameters","parameter":[${parameters.join(',')}]}`;
}

function tooMany() {
  const text = `More than ${OBSERVATIONS_MAX} observations come into question: ask for a shorter duration or period, or fewer codes.`;
  return fhirError('unprocessable', 'too-costly', text);
}
