import type { JsonObject } from '../../fhir/resource.ts';
import type { RuleId } from '../rules.ts';
import { NO_INDEX, type ValidationState } from '../state.ts';
import { itemsOf } from './itemsOf.ts';

/** Deepest nesting of concepts that is followed. */
const DEPTH_MAX = 64;

/**
 * What the invariants of a CodeSystem do not say (http://hl7.org/fhir/R4/codesystem-definitions.html): a supplement names what it is to, a complete
 * one counts what it has, and concepts have properties that are defined, of the type that is defined. Only called where warnings are wanted,
 * too: such a code system can be used.
 */
export function checkCodeSystem(state: ValidationState, depth: number, codeSystem: JsonObject): void {
  const report = (rule: RuleId, at: string, text: string, severity: 'error' | 'warning' = 'error'): void =>
    state.report(rule, depth, at, NO_INDEX, text, severity);
  const { content, supplements, count } = codeSystem;
  if (content === 'supplement' && supplements === undefined)
    report('code-system-supplement', 'supplements', NO_SUPPLEMENTED);
  const types = new Map(
    itemsOf(codeSystem.property).map(({ code, type }): [unknown, unknown] => [code, type]),
  );
  let found = 0;
  const visit = (parent: JsonObject, path: string, level: number): void => {
    for (const [i, concept] of itemsOf(parent.concept).entries()) {
      found++;
      const at = `${path}concept[${i}]`;
      for (const [j, property] of itemsOf(concept.property).entries()) {
        const place = `${at}.property[${j}]`;
        const type = types.get(property.code);
        if (type === undefined) report('code-system-property', `${place}.code`, UNDEFINED, 'warning');
        else if (!isOfType(property, type))
          report('code-system-property', `${place}.value`, `${WRONG_TYPE} ${String(type)}.`);
      }
      if (level < DEPTH_MAX) visit(concept, `${at}.`, level + 1);
    }
  };
  visit(codeSystem, '', 0);
  if (content === 'complete' && typeof count === 'number' && found > 0 && count !== found)
    report('code-system-count', 'count', `${WRONG_COUNT} ${found}.`);
}

/** A property whose value is only an extension is of any type. */
function isOfType(property: JsonObject, type: unknown): boolean {
  if (typeof type !== 'string') return true;
  const names = Object.keys(property).filter((name) => name.startsWith('value'));
  return names.length === 0 || names.includes(`value${type.charAt(0).toUpperCase()}${type.slice(1)}`);
}

const NO_SUPPLEMENTED =
  "A supplement adds to another code system: name that in 'supplements', or correct 'content'.";
const UNDEFINED =
  "The code system does not define this property, so that nobody knows what it means: add it to 'property', or correct its code.";
const WRONG_TYPE = 'The property is defined with another type than this value has: give a value of the type';
const WRONG_COUNT = 'The code system is complete, but has another number of concepts than it says: write';
