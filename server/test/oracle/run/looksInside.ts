import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { createIndexQuery } from '../../../src/store/index/query.ts';
import { isPatientColumn } from '../../../src/store/search/conditions/patientColumn.ts';
import type { Chain } from '../evaluate/context.ts';
import type { Filter } from '../evaluate/filterGrammar.ts';

/** What reads contents, or goes on to other resources. */
const OF_CONTENT: Readonly<Record<string, readonly string[]>> = {
  token: ['text', 'co', 'sw'],
  reference: ['above', 'below'],
};

/** Which chains this server evaluates inside contained resources (docs/spec-clarifications.md, Chains). */
export function looksInside(definitions: Definitions): (chain: Chain) => boolean {
  const index = createIndexQuery(definitions, new Uint8Array(16));

  function isAsked(target: string, code: string, how: string | undefined): boolean {
    const parameter = definitions.searchParameter(target, code);
    if (!parameter || code.startsWith('_') || parameter.type === 'composite' || parameter.type === 'special')
      return false;
    return !(how !== undefined && OF_CONTENT[parameter.type]?.includes(how));
  }

  function isAskedBy(target: string, filter: Filter): boolean {
    if (filter.kind === 'not') return isAskedBy(target, filter.filter);
    if (filter.kind !== 'test') return isAskedBy(target, filter.left) && isAskedBy(target, filter.right);
    return filter.path.length === 1 && isAsked(target, filter.path[0]!.name, filter.operator);
  }

  return ({ type, parameter, target, rest }) => {
    if (target === 'Patient' && isPatientColumn(index, type, parameter)) return false;
    if (typeof rest === 'string') {
      const [code = '', modifier] = rest.split(':');
      return !rest.includes('.') && isAsked(target, code, modifier);
    }
    const [first, leaf, ...more] = rest.path;
    if (more.length > 0 || (first!.where && !isAskedBy(target, first!.where))) return false;
    return isAsked(target, leaf!.name, rest.operator);
  };
}
