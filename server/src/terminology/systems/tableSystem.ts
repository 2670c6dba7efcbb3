import type { TableFilter } from '../../store/terminology/conceptQuery.ts';
import type { ConceptRow, ReleaseSystem, ReleaseSystems } from '../../store/terminology/releaseSystems.ts';
import type {
  CodeSystemContent,
  Concept,
  ConceptFilter,
  ConceptProperty,
  Designation,
  Selection,
  SystemHeader,
} from '../model.ts';
import { filterProperty } from './conceptFacts.ts';
import { HIERARCHY_OPS, requireUsable, unknownFilter } from './filterFaults.ts';
import { textWords } from './text.ts';

/** A concept that knows its row. */
interface PlacedConcept extends Concept {
  place: number;
}

/** A code system whose concepts stay in the database. */
export class TableSystem implements CodeSystemContent {
  readonly header: SystemHeader;
  readonly #key: number;
  readonly #tables: ReleaseSystems;

  constructor({ key, header }: ReleaseSystem, tables: ReleaseSystems) {
    this.#key = key;
    this.#tables = tables;
    this.header = { ...header, status: 'active', content: 'complete', supplements: [] };
  }

  async find(code: string): Promise<Concept | undefined> {
    if (code.includes('\0')) return undefined; // PostgreSQL's texts cannot have it
    const row = (await this.#tables.find(this.#key, code)) ?? (await this.#findInCapitals(code));
    if (!row) return undefined;
    return conceptOf(row, await this.#tables.neighbours(this.#key, row.place));
  }

  /** LOINC's codes are in capitals, and case does not count (http://hl7.org/fhir/R4/loinc.html); the others have digits only. */
  async #findInCapitals(code: string): Promise<ConceptRow | undefined> {
    const capitals = code.toUpperCase();
    if (this.header.caseSensitive || capitals === code) return undefined;
    return this.#tables.find(this.#key, capitals);
  }

  async select(selection: Selection): Promise<Concept[]> {
    const { offset = 0, limit } = selection;
    const rows = await this.#tables.select(await this.#query(selection), offset, limit);
    return rows.map((row) => conceptOf(row));
  }

  async count(selection: Selection): Promise<number> {
    const { filters, text, activeOnly } = selection;
    if (filters.length === 0 && text === undefined && activeOnly !== true) return this.header.count!;
    return this.#tables.count(await this.#query(selection));
  }

  async matches(concept: Concept, filters: readonly ConceptFilter[]): Promise<boolean> {
    if (filters.length === 0) return true;
    const { place } = concept as PlacedConcept;
    const query = { ...(await this.#query({ filters, limit: 1 })), place };
    return (await this.#tables.select(query, 0, 1)).length > 0;
  }

  subsumes(ancestor: Concept, descendant: Concept): Promise<boolean> {
    const [above, below] = [ancestor as PlacedConcept, descendant as PlacedConcept];
    if (above.place === below.place) return Promise.resolve(false);
    return this.#tables.subsumes(this.#key, above.place, below.place);
  }

  /** Relations are properties that only the concepts themselves have, not the header. */
  async #hasProperty({ property, op }: ConceptFilter): Promise<boolean> {
    if (HIERARCHY_OPS.has(op) || BUILT_IN.has(property)) return true;
    const code = filterProperty(this.header, property);
    if (this.header.properties.some((one) => one.code === code)) return true;
    return this.#tables.hasProperty(this.#key, code);
  }

  async #query({ filters, text, activeOnly }: Selection) {
    for (const filter of filters) {
      requireUsable(this.header.url, filter);
      if (!(await this.#hasProperty(filter))) throw unknownFilter(this.header.url, filter);
    }
    const codes = filters.filter(({ op }) => HIERARCHY_OPS.has(op)).map(({ value }) => value);
    const places = codes.length === 0 ? NO_PLACES : await this.#tables.places(this.#key, codes);
    return {
      system: this.#key,
      filters: filters.map((one) => withPlace(one, filterProperty(this.header, one.property), places)),
      ...(text !== undefined && { words: textWords(text) }),
      ...(activeOnly === true && { activeOnly }),
    };
  }
}

/** What every concept has or may have, whether the system says so or not. */
const BUILT_IN: ReadonlySet<string> = new Set(['code', 'concept', 'display', 'inactive', 'parent', 'child']);

const NO_PLACES: ReadonlyMap<string, number> = new Map();

function withPlace(
  { op, value }: ConceptFilter,
  property: string,
  places: ReadonlyMap<string, number>,
): TableFilter {
  const place = places.get(value);
  return { property, op, value, ...(place !== undefined && { place }) };
}

interface Detail {
  definition?: string;
  designations?: Designation[];
  properties?: ConceptProperty[];
}

function conceptOf(
  { place, code, display, inactive, detail }: ConceptRow,
  { parents, children }: { parents: string[]; children: string[] } = { parents: [], children: [] },
): PlacedConcept {
  const {
    definition,
    designations = [],
    properties = [],
  } = detail === null ? ({} as Detail) : (JSON.parse(detail) as Detail);
  const isSaid = properties.some((one) => one.code === 'inactive');
  return {
    place,
    order: place,
    code,
    ...(display !== null && { display }),
    ...(definition !== undefined && { definition }),
    designations,
    properties:
      inactive && !isSaid
        ? [...properties, { code: 'inactive', element: 'valueBoolean', value: true }]
        : properties,
    extensions: [],
    parents,
    children,
  };
}
