import { dateSpan } from '../../fhir/dates.ts';
import type { Concept, ConceptProperty, SystemHeader } from '../model.ts';
import { extensionValue } from './readCodeSystem.ts';

const CONCEPT_PROPERTIES = 'http://hl7.org/fhir/concept-properties#';
const STANDARDS_STATUS = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status';
const INACTIVE_STATUS: ReadonlySet<string> = new Set(['retired', 'inactive', 'withdrawn']);

/** The code under which a system has one of FHIR's own properties; as FHIR names it where the system does not say. */
function ownCode(header: SystemHeader, kind: string): string | undefined {
  const byUri = header.properties.find(({ uri }) => uri === `${CONCEPT_PROPERTIES}${kind}`);
  if (byUri) return byUri.code;
  const byCode = header.properties.find(({ code }) => code === kind);
  return byCode?.uri === undefined ? kind : undefined;
}

function own(header: SystemHeader, concept: Concept, kind: string): ConceptProperty | undefined {
  const code = ownCode(header, kind);
  return code === undefined ? undefined : concept.properties.find((property) => property.code === code);
}

const isTrue = (property: ConceptProperty | undefined): boolean =>
  property !== undefined && String(property.value) === 'true';

/** `active`, `retired`, `deprecated` ...; absent where nothing says. */
export function statusOf(header: SystemHeader, concept: Concept): string | undefined {
  const status = own(header, concept, 'status');
  if (status !== undefined) return String(status.value);
  const standards = concept.extensions.length === 0 ? undefined : standardsStatus(concept);
  if (standards === 'deprecated' || standards === 'withdrawn') return standards;
  return isDeprecated(header, concept) ? 'deprecated' : undefined;
}

/** `deprecated` is the date since when a concept should not be used (http://hl7.org/fhir/R4/codesystem.html#defined-props); some write a boolean. */
function isDeprecated(header: SystemHeader, concept: Concept): boolean {
  const property = own(header, concept, 'deprecated') ?? own(header, concept, 'deprecationDate');
  if (property === undefined || property.element === 'valueBoolean') return isTrue(property);
  const since = dateSpan(String(property.value));
  return since !== undefined && since.loMs <= Date.now();
}

const standardsStatus = (concept: Concept) =>
  extensionValue({ extension: concept.extensions }, STANDARDS_STATUS);

/** Whether a concept should not be used any more (http://hl7.org/fhir/R4/codesystem.html#status). */
export function isInactive(header: SystemHeader, concept: Concept): boolean {
  if (isTrue(own(header, concept, 'inactive'))) return true;
  const status = own(header, concept, 'status');
  return status !== undefined && INACTIVE_STATUS.has(String(status.value));
}

/** Whether a concept only groups others (http://hl7.org/fhir/R4/codesystem.html#abstract). */
export const isAbstract = (header: SystemHeader, concept: Concept): boolean =>
  isTrue(own(header, concept, 'notSelectable'));

/** The code by which a filter's property is known in the system. */
export function filterProperty(header: SystemHeader, name: string): string {
  if (header.properties.some(({ code }) => code === name)) return name;
  return ownCode(header, name) ?? name;
}

/** Whether a system may have codes that are not known here. */
export const isPartial = ({ content }: SystemHeader): boolean =>
  content === 'fragment' || content === 'example';
