import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { ParameterSlot } from '../../index/plan.ts';
import { isReadable } from '../content/contentValues.ts';
import { META_PATH } from '../../index/emitTools.ts';

/**
 * Whether there is SQL for a parameter with a modifier (without its colon), on this type. Parameters without an index plan
 * (`_id`, `_text`, ...) are not asked for, except for `_id` and `_lastUpdated` with `missing`.
 */
export function canSearch(
  index: IndexQuery,
  type: string,
  parameter: SearchParameterDefinition,
  modifier: string | undefined,
): boolean {
  const plan = index.plan(type, parameter);
  if (!plan) return false;
  if (modifier === undefined) return true;
  const { slots } = plan;
  switch (modifier) {
    case 'missing':
      return parameter.type !== 'composite' && parameter.type !== 'special';
    case 'not':
    case 'in':
    case 'not-in':
      return parameter.type === 'token';
    case 'text':
      return parameter.type === 'token' && isReadable(slots);
    case 'of-type':
      return parameter.type === 'token' && reads(slots, 'Identifier');
    case 'identifier':
      return parameter.type === 'reference' && reads(slots, 'Reference');
    case 'exact':
    case 'contains':
      return parameter.type === 'string' && slots.every(({ slot }) => slot.kind === 'string');
    case 'above':
      return parameter.type === 'uri' || parameter.type === 'reference' || parameter.type === 'token';
    case 'below':
      return parameter.type !== 'uri' ? canSearch(index, type, parameter, 'above') : hasUriTexts(slots);
    default:
      return false;
  }
}

/** Whether one of the paths leads to elements of a type; of paths that an engine runs, that is possible. */
function reads(slots: readonly ParameterSlot[], type: string): boolean {
  return slots.some(({ slot }) => slot.resolved?.some((path) => path.type === type) ?? true);
}

function hasUriTexts(slots: readonly ParameterSlot[]): boolean {
  return isReadable(slots) || slots.every(({ slot }) => !slot.text.startsWith(META_PATH));
}
