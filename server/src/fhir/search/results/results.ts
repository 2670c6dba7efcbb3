import type { Definitions } from '../../definitions/types.ts';
import type { ContainedMode, SearchQuery, SummaryMode, TotalMode } from '../ast.ts';
import type { SearchContext } from '../contract.ts';
import { quoted, tooCostly, unknown, wrong } from '../faults.ts';
import { COUNT_DEFAULT, INCLUDES_MAX } from '../limits.ts';
import { parseChoice } from './choice.ts';
import { parseCount } from './count.ts';
import { parseElements } from './elements.ts';
import { parseInclude } from './include.ts';

/** Name of the parameter that carries the sealed position of a page. */
export const PAGE_PARAMETER = '_page';

const SUMMARIES: readonly SummaryMode[] = ['true', 'text', 'data', 'count', 'false'];
const TOTALS: readonly TotalMode[] = ['none', 'estimate', 'accurate'];
const CONTAINED: readonly ContainedMode[] = ['false', 'true', 'both'];
const CONTAINED_TYPES = ['container', 'contained'] as const;
const BOOLEANS = ['true', 'false'] as const;

/** How the results of a search shall look: the query without its searches. */
export type ResultSettings = Omit<SearchQuery, 'searches'>;

type Read = (
  settings: ResultSettings,
  value: string,
  definitions: Definitions,
  types: readonly string[],
) => void;

/** Parameters that may stand once in a query, each with what it sets. */
const SINGLES: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['_count', (settings, value) => (settings.count = parseCount(value))],
  [PAGE_PARAMETER, (settings, value) => (settings.page = value)],
  ['_total', (settings, value) => (settings.total = parseChoice('_total', value, TOTALS))],
  ['_summary', (settings, value) => (settings.summary = parseChoice('_summary', value, SUMMARIES))],
  [
    '_elements',
    (settings, value, definitions, types) => (settings.elements = parseElements(definitions, types, value)),
  ],
  ['_contained', (settings, value) => (settings.contained = parseChoice('_contained', value, CONTAINED))],
  [
    '_containedType',
    (settings, value) => (settings.containedType = parseChoice('_containedType', value, CONTAINED_TYPES)),
  ],
  ['_explain', (settings, value) => (settings.explain = parseChoice('_explain', value, BOOLEANS) === 'true')],
]);

export const SINGLE_RESULT_PARAMETERS: readonly string[] = [...SINGLES.keys()];

/** Reads the parameters that say how to answer (http://hl7.org/fhir/R4/search.html#modifyingresults). */
export class ResultReader {
  readonly settings: ResultSettings = {
    count: COUNT_DEFAULT,
    includes: [],
    summary: 'false',
    contained: 'false',
    containedType: 'container',
    explain: false,
  };
  readonly #context: SearchContext;
  readonly #types: readonly string[];

  constructor(context: SearchContext, types: readonly string[]) {
    this.#context = context;
    this.#types = types;
  }

  /** Whether the parameter is one of these, and read. @throws SearchFault */
  read(name: string, value: string): boolean {
    const [code = '', modifier] = splitName(name);
    if (code === '_include' || code === '_revinclude') {
      const { includes } = this.settings;
      includes.push(parseInclude(this.#context, code, modifier, value, this.#types));
      if (includes.length > INCLUDES_MAX) {
        throw tooCostly(`The search has more than ${INCLUDES_MAX} _include and _revinclude.`);
      }
      return true;
    }
    const read = SINGLES.get(code);
    if (!read) return false;
    if (modifier !== undefined)
      throw unknown(`${code} takes no modifier: leave out ${quoted(`:${modifier}`)}.`);
    read(this.settings, value, this.#context.definitions, this.#types);
    return true;
  }

  /** Checks what stands for the whole. @throws SearchFault */
  finish(): ResultSettings {
    const { settings } = this;
    if (settings.summary === 'text' && settings.includes.length > 0) {
      throw wrong('_summary=text cannot be combined with _include or _revinclude: leave one of them out.');
    }
    if (settings.elements && ['true', 'text', 'data'].includes(settings.summary)) {
      throw wrong('_elements and _summary both choose elements: leave one of them out.');
    }
    if (settings.summary === 'count') settings.count = 0;
    return settings;
  }
}

function splitName(name: string): [string, string | undefined] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
}
