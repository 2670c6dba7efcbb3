import { laterFirst } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/resource.ts';
import { parseSearch } from '../fhir/search/parse.ts';
import type { Store } from '../store/store.ts';
import type { QuestionnairePort } from '../validation/ports.ts';
import { splitCanonical } from '../validation/profiles/canonical.ts';

/** Versions of one questionnaire that are looked at. */
const VERSIONS_MAX = 20;

/**
 * The questionnaires that are stored: without a version the latest one (http://hl7.org/fhir/R4/references.html#canonical), of several
 * with one canonical the one that was stored last.
 */
export function storedQuestionnaires({
  definitions,
  searcher,
}: Pick<Store, 'definitions' | 'searcher'>): QuestionnairePort {
  return {
    async questionnaire(canonical) {
      const { url, version } = splitCanonical(canonical);
      if (url === '' || /\s/.test(url)) return undefined;
      const pairs: [string, string][] = [
        ['url', url.replace(/[\\,$|]/g, '\\$&')],
        ['_sort', '-_lastUpdated'],
        ['_count', String(VERSIONS_MAX)],
        ['_total', 'none'],
      ];
      const target = { level: 'type' as const, types: ['Questionnaire'] };
      const { matches } = await searcher.search(
        parseSearch(definitions, searcher, target, pairs, 'strict').query,
      );
      const found = matches.map(({ content }) => JSON.parse(content) as JsonObject);
      if (version !== undefined) return found.find((one) => one.version === version);
      return found.sort((a, b) => laterFirst(versionOf(a), versionOf(b)))[0];
    },
  };
}

const versionOf = ({ version }: JsonObject): string | undefined =>
  typeof version === 'string' ? version : undefined;
