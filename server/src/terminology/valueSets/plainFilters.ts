import type { JsonObject } from '../../fhir/resource.ts';
import type { ConceptFilter } from '../model.ts';
import { unknownFilter } from '../systems/filterFaults.ts';
import { objects } from '../systems/readCodeSystem.ts';
import { simpleEcl } from './ecl.ts';

const SNOMED = 'http://snomed.info/sct';
const CONCEPT_ID = /^\d{6,18}$/;

/** What the filters of a part of a value set come to. */
export interface PlainFilters {
  filters: readonly ConceptFilter[];
  /** Canonicals of value sets that the codes must be in as well. */
  valueSets: readonly string[];
}

type Reading = (filter: ConceptFilter, version: string | undefined) => PlainFilters;

const only = (...filters: ConceptFilter[]): PlainFilters => ({ filters, valueSets: [] });

/**
 * Filters that some systems have of their own, as filters that any system has; those of other systems stay as they are.
 *
 * @param version of the system, where the value set names one
 * @throws TerminologyError for an expression that is not understood
 */
export function plainFilters(
  system: string,
  version: string | undefined,
  filters: readonly ConceptFilter[],
): PlainFilters {
  const read = READINGS.get(system);
  if (!read) return { filters, valueSets: [] };
  const plain = filters.map((filter) => read(filter, version));
  return {
    filters: plain.flatMap((one) => one.filters),
    valueSets: plain.flatMap((one) => one.valueSets),
  };
}

/**
 * `concept in` one concept are the members of that reference set, `constraint =` is an expression, and `expressions` says whether
 * post-coordinated codes are wanted, of which none are known here (http://hl7.org/fhir/R4/snomedct.html#filters).
 */
const snomed: Reading = (filter, version) => {
  const { property, op, value } = filter;
  if (property === 'concept' && op === 'in' && CONCEPT_ID.test(value))
    return only({ property: 'refset', op: '=', value });
  if (property === 'expressions' && op === '=') return only();
  return property === 'constraint' && op === '=' ? constrained(filter, version) : only(filter);
};

/** An expression of one step is filters; of several, the value set that SNOMED CT has for it. */
function constrained(filter: ConceptFilter, version: string | undefined): PlainFilters {
  const compose = simpleEcl(filter.value, {});
  if (!compose) throw unknownFilter(SNOMED, filter);
  const [first, ...more] = objects(compose.include);
  if (first !== undefined && more.length === 0 && compose.exclude === undefined)
    return only(...objects(first.filter).map(asFilter));
  const url = `${version ?? SNOMED}?fhir_vs=ecl/${encodeURIComponent(filter.value)}`;
  return { filters: [], valueSets: [url] };
}

const asFilter = ({ property, op, value }: JsonObject): ConceptFilter => ({
  property: String(property),
  op: String(op),
  value: String(value),
});

/** `ancestor` goes along the hierarchy (http://hl7.org/fhir/R4/loinc.html#filters). */
const loinc: Reading = (filter) =>
  filter.property === 'ancestor' && filter.op === '='
    ? only({ property: 'concept', op: 'descendent-of', value: filter.value })
    : only(filter);

/** What is related to a concept is called `CUI:` and its code; all concepts are of the source RXNORM (http://hl7.org/fhir/R4/rxnorm.html#filters). */
const rxNorm: Reading = (filter) => {
  const { property, op, value } = filter;
  if (property === 'SAB' && op === '=' && value === 'RXNORM') return only();
  return op === '=' && value.startsWith('CUI:')
    ? only({ property, op, value: value.slice(4) })
    : only(filter);
};

const READINGS: ReadonlyMap<string, Reading> = new Map([
  [SNOMED, snomed],
  ['http://loinc.org', loinc],
  ['http://www.nlm.nih.gov/research/umls/rxnorm', rxNorm],
]);
