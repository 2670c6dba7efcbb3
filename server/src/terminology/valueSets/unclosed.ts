import type { JsonObject } from '../../fhir/resource.ts';
import { isPartial } from '../systems/conceptFacts.ts';
import type { CompiledValueSet, Part } from './compile.ts';

const UNCLOSED = 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed';

/**
 * The extensions by which an expansion says that the value set may have codes that it does not tell
 * (http://hl7.org/fhir/R4/extension-valueset-unclosed.html): of a fragment of a code system, or of one without an end.
 */
export function unclosedExtensions(root: CompiledValueSet): JsonObject[] {
  const reasons = new Set(reasonsOf(root, new Set()));
  if (reasons.size === 0) return [];
  return [
    { url: UNCLOSED, valueBoolean: true },
    ...[...reasons].map((valueString) => ({ url: `${UNCLOSED}-reason`, valueString })),
  ];
}

function reasonsOf(valueSet: CompiledValueSet, seen: Set<CompiledValueSet>): string[] {
  if (seen.has(valueSet)) return [];
  seen.add(valueSet);
  return valueSet.includes.flatMap((part) => [
    ...reasonOf(part),
    ...part.valueSets.flatMap((one) => reasonsOf(one, seen)),
  ]);
}

/** What a value set lists is all. */
function reasonOf({ content, concepts }: Part): string[] {
  if (!content || concepts) return [];
  const { url, commonCodes } = content.header;
  if (isPartial(content.header))
    return [`Only a part of the code system ${url} is here: it may have more codes.`];
  if (commonCodes === undefined) return [];
  return [
    `The code system ${url} has codes without end: these are those in common use, as ${commonCodes} has them.`,
  ];
}
