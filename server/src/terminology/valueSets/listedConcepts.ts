import type { JsonObject } from '../../fhir/resource.ts';
import type { CodeSystemContent, Designation } from '../model.ts';
import { objects, readDesignations, string } from '../systems/readCodeSystem.ts';

/** A concept that a value set names. */
export interface ListedConcept {
  code: string;
  display?: string;
  designations: readonly Designation[];
  extensions: readonly JsonObject[];
  /** What it is found by, once that was asked for. */
  text?: string;
  /** From a stored expansion. */
  abstract?: boolean;
  inactive?: boolean;
}

export const foldedCode = (content: CodeSystemContent | undefined, code: string): string =>
  content?.header.caseSensitive === false ? code.toLowerCase() : code;

/** By code, folded where the system does not care about case. */
export const byCode = (
  listed: readonly ListedConcept[],
  content: CodeSystemContent | undefined,
): Map<string, ListedConcept> => new Map(listed.map((one) => [foldedCode(content, one.code), one]));

/** Of `include.concept`, or of `expansion.contains`. */
export function listedConcept(json: JsonObject): ListedConcept {
  const display = string(json.display);
  return {
    code: String(json.code),
    ...(display !== undefined && { display }),
    designations: readDesignations(json.designation),
    extensions: objects(json.extension),
  };
}

/** What a value set without a definition was expanded to, by system. */
export function expandedConcepts({ expansion }: JsonObject): Map<string, ListedConcept[]> {
  const bySystem = new Map<string, ListedConcept[]>();
  const collect = (contains: unknown) => {
    for (const one of objects(contains)) {
      if (typeof one.system === 'string' && typeof one.code === 'string') {
        const listed = listedConcept(one);
        if (one.abstract === true) listed.abstract = true;
        if (one.inactive === true) listed.inactive = true;
        const before = bySystem.get(one.system);
        if (before) before.push(listed);
        else bySystem.set(one.system, [listed]);
      }
      collect(one.contains);
    }
  };
  collect((expansion as JsonObject | undefined)?.contains);
  return bySystem;
}
