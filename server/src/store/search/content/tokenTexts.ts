import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { Hop } from '../../../fhir/path/resolvePath.ts';
import type { ConditionContext } from '../conditions/context.ts';
import { isReadable, type ContentValues } from './contentValues.ts';
import { fromContent, selectTexts } from './texts.ts';
import { property, walk } from './walk.ts';

/** Where the texts of a token stand within its element (http://hl7.org/fhir/R4/search.html#token); others have none. */
export const TEXTS_WITHIN: Readonly<Record<string, readonly (readonly Hop[])[]>> = {
  CodeableConcept: [[property('text')], [property('coding', true), property('display')]],
  Coding: [[property('display')]],
  Identifier: [[property('type'), property('text')]],
};

/** The texts beside the codes of a token parameter, read from the row's content; undefined where SQL cannot find them. */
export function tokenTexts(
  context: ConditionContext,
  parameter: SearchParameterDefinition,
): ContentValues | undefined {
  const slots = context.index.plan(context.type, parameter)?.slots;
  if (!slots || !isReadable(slots)) return undefined;
  const sql = fromContent(context, (start) =>
    slots.flatMap(({ slot }) =>
      slot.resolved!.flatMap(({ hops, type }) =>
        (TEXTS_WITHIN[type] ?? []).map((within) =>
          selectTexts(context, walk(context, start, [...hops, ...within])),
        ),
      ),
    ),
  );
  return { sql };
}
