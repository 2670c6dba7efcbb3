import { compileWalk } from '../../../fhir/path/compileWalk.ts';
import type { Hop } from '../../../fhir/path/resolvePath.ts';
import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import { storable } from '../../index/fold.ts';
import { canRead } from '../../index/values/canRead.ts';
import { asText } from '../../index/values/json.ts';
import { isReadable } from '../content/contentValues.ts';
import { TEXTS_WITHIN } from '../content/tokenTexts.ts';
import type { MatchContext } from './candidate.ts';

/** Reads texts from a resource, which the index does not have. */
export type TextReader = (resource: unknown) => string[];

/** The texts beside the codes of a token parameter: what `tokenTexts` finds by SQL. */
export function tokenTextReader(context: MatchContext, parameter: SearchParameterDefinition): TextReader {
  return readerOf(
    resolvedPaths(context, parameter).flatMap(({ hops, type }) =>
      (TEXTS_WITHIN[type] ?? []).map((within) => [...hops, ...within]),
    ),
  );
}

/** The URIs of a parameter as they are written: what `contentUris` finds by SQL. */
export function uriReader(context: MatchContext, parameter: SearchParameterDefinition): TextReader {
  const paths = resolvedPaths(context, parameter).filter(({ kind, type }) => canRead(kind, type));
  return readerOf(paths.map(({ hops }) => hops));
}

function resolvedPaths({ index, type }: MatchContext, parameter: SearchParameterDefinition) {
  const slots = index.plan(type, parameter)?.slots ?? [];
  if (!isReadable(slots)) {
    throw new Error(`The texts of ${parameter.code} of ${type} cannot be read from the content`);
  }
  return slots.flatMap(({ slot }) => slot.resolved!.map((path) => ({ ...path, kind: slot.kind })));
}

function readerOf(paths: readonly (readonly Hop[])[]): TextReader {
  const visit = (value: unknown, found: string[]) => {
    const text = asText(value);
    if (text !== undefined) found.push(storable(text));
  };
  const walk = compileWalk<string[]>(paths.map((hops) => ({ hops, visit })));
  return (resource) => {
    const found: string[] = [];
    walk(resource, found);
    return found;
  };
}
