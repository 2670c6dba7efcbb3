import type {
  ElementDefinition,
  ElementDefinitionType,
  StructureDefinition,
  StructureDefinitionContext,
} from '@medplum/fhirtypes';
import type { JsonObject } from '../resource.ts';

/** What validation needs of an ElementDefinition; texts, mappings and examples take ten times as much. */
export interface StructureElement {
  id?: string;
  path: string;
  sliceName?: string;
  min?: number;
  /** A number or `*`. */
  max?: string;
  maxLength?: number;
  contentReference?: string;
  type?: ElementType[];
  /** `fixed[x]` and the like: the name of the type, and the value. */
  fixed?: TypedConstant;
  pattern?: TypedConstant;
  minValue?: TypedConstant;
  maxValue?: TypedConstant;
  binding?: ElementBinding;
  constraint?: ElementConstraint[];
  slicing?: ElementSlicing;
  isModifier?: boolean;
  narrative?: NarrativeControl;
  /** Place in its differential, where faults of it are told. */
  position?: number;
}

/** What HL7's extensions ask of an element that is a Narrative. */
export interface NarrativeControl {
  /** Codes of `narrative-language-control`. */
  languages: string[];
  /** Whether `narrative-source-control` is there. */
  sources: boolean;
}

export interface ElementType {
  code: string;
  profile?: string[];
  targetProfile?: string[];
  /** Where what a Reference leads to may be: `contained`, `referenced`, `bundled`. */
  aggregation?: string[];
}

export interface TypedConstant {
  /** As in the name of the property: `CodeableConcept`, `Uri`. */
  type: string;
  value: unknown;
}

export interface ElementConstraint {
  key: string;
  severity: 'error' | 'warning';
  human: string;
  expression?: string;
}

export interface ElementBinding {
  strength: string;
  /** Canonical; of a value set that the definition contains the definition's own, with `#` and the id. */
  valueSet?: string;
  /** Canonical of elementdefinition-maxValueSet. */
  maxValueSet?: string;
  /** The value set, where the definition contains it. */
  contained?: JsonObject;
}

export interface ElementSlicing {
  discriminator: { type: string; path: string }[];
  rules: string;
  ordered: boolean;
}

/** What validation needs of a StructureDefinition. */
export interface Structure {
  url: string;
  version?: string;
  kind: string;
  /** Type that is defined or constrained. */
  type: string;
  abstract: boolean;
  derivation?: string;
  baseDefinition?: string;
  /** Where an extension may stand. */
  context?: { type: string; expression: string }[];
  /** FHIRPath that must hold where an extension stands. */
  contextInvariant?: string[];
  snapshot?: StructureElement[];
  differential?: StructureElement[];
}

/** A definition cannot be used as it is. */
export class StructureFault extends Error {}

/** Elements of one StructureDefinition that are read; ExplanationOfBenefit of R4 has 400. */
export const STRUCTURE_ELEMENTS_MAX = 20_000;

/**
 * The compact form. What is not as FHIR defines it is left out: the definition may come from anybody.
 *
 * @throws StructureFault when it has more than STRUCTURE_ELEMENTS_MAX elements
 */
export function compactStructure(definition: StructureDefinition): Structure {
  const { url, version, kind, type, abstract, derivation, baseDefinition } = definition;
  const { context, contextInvariant } = definition;
  const compact = (element: ElementDefinition): StructureElement =>
    withContained(definition, compactElement(element));
  const snapshot = definition.snapshot?.element?.map(compact);
  const differential = definition.differential?.element?.map(compact);
  if (Math.max(snapshot?.length ?? 0, differential?.length ?? 0) > STRUCTURE_ELEMENTS_MAX)
    throw new StructureFault(`${url} has more than ${STRUCTURE_ELEMENTS_MAX} elements`);
  return {
    url,
    kind,
    type,
    abstract: abstract === true,
    ...(version === undefined ? {} : { version }),
    ...(derivation === undefined ? {} : { derivation }),
    ...(baseDefinition === undefined ? {} : { baseDefinition }),
    ...(context === undefined ? {} : { context: context.map(compactContext) }),
    ...(contextInvariant === undefined ? {} : { contextInvariant }),
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(differential === undefined ? {} : { differential }),
  };
}

/** A binding to a value set that the definition contains has that with it, since it goes where its element goes. */
function withContained(
  { url, contained = [] }: StructureDefinition,
  element: StructureElement,
): StructureElement {
  const { binding } = element;
  if (!binding?.valueSet?.startsWith('#')) return element;
  const found = contained.find(
    ({ resourceType, id }) => resourceType === 'ValueSet' && binding.valueSet === `#${id}`,
  );
  if (!found) return element;
  const valueSet = { ...binding, valueSet: `${url}${binding.valueSet}`, contained: { ...found } };
  return { ...element, binding: valueSet };
}

const compactContext = ({ type, expression }: StructureDefinitionContext) => ({ type, expression });

/** The part of an ElementDefinition that validation uses. */
export function compactElement(element: ElementDefinition): StructureElement {
  const { id, path, sliceName, min, max, maxLength, contentReference, isModifier } = element;
  const compact: StructureElement = { path: String(path) };
  if (typeof id === 'string') compact.id = id;
  if (sliceName !== undefined) compact.sliceName = sliceName;
  if (min !== undefined) compact.min = min;
  if (max !== undefined) compact.max = max;
  if (maxLength !== undefined) compact.maxLength = maxLength;
  if (contentReference !== undefined) compact.contentReference = contentReference;
  if (isModifier !== undefined) compact.isModifier = isModifier;
  if (element.type) compact.type = element.type.map(compactType);
  if (element.binding) compact.binding = compactBinding(element.binding);
  if (element.constraint) compact.constraint = element.constraint.map(compactConstraint);
  if (element.slicing) compact.slicing = compactSlicing(element.slicing);
  const narrative = narrativeControl(element);
  if (narrative) compact.narrative = narrative;
  for (const name of ['fixed', 'pattern', 'minValue', 'maxValue'] as const) {
    const constant = typedConstant(element, name);
    if (constant) compact[name] = constant;
  }
  return compact;
}

const EXTENSIONS = 'http://hl7.org/fhir/StructureDefinition/';

function narrativeControl({ extension = [] }: ElementDefinition): NarrativeControl | undefined {
  const languages = extension
    .filter(({ url }) => url === `${EXTENSIONS}narrative-language-control`)
    .flatMap(({ valueCode }) => valueCode ?? []);
  const sources = extension.some(({ url }) => url === `${EXTENSIONS}narrative-source-control`);
  return languages.length > 0 || sources ? { languages, sources } : undefined;
}

function compactType({ code, profile, targetProfile, aggregation }: ElementDefinitionType): ElementType {
  return {
    code: String(code),
    ...(profile === undefined ? {} : { profile }),
    ...(targetProfile === undefined ? {} : { targetProfile }),
    ...(aggregation === undefined ? {} : { aggregation }),
  };
}

function compactBinding({ strength, valueSet, extension }: NonNullable<ElementDefinition['binding']>) {
  const limit = extension?.find(({ url }) => url === `${EXTENSIONS}elementdefinition-maxValueSet`);
  const maxValueSet = limit?.valueCanonical ?? limit?.valueUri;
  return {
    strength: String(strength),
    ...(valueSet === undefined ? {} : { valueSet }),
    ...(maxValueSet === undefined ? {} : { maxValueSet }),
  };
}

function compactConstraint(
  constraint: NonNullable<ElementDefinition['constraint']>[number],
): ElementConstraint {
  const { key, severity, human, expression } = constraint;
  const compact = {
    key: String(key),
    severity: severity === 'warning' ? 'warning' : 'error',
    human: String(human),
  } as const;
  return expression === undefined ? compact : { ...compact, expression };
}

function compactSlicing(slicing: NonNullable<ElementDefinition['slicing']>): ElementSlicing {
  const discriminator = (slicing.discriminator ?? []).map(({ type, path }) => ({
    type: String(type),
    path: String(path),
  }));
  return { discriminator, rules: String(slicing.rules), ordered: slicing.ordered === true };
}

function typedConstant(element: ElementDefinition, stem: string): TypedConstant | undefined {
  for (const [name, value] of Object.entries(element)) {
    if (name.startsWith(stem) && /^[A-Z]/.test(name.slice(stem.length)))
      return { type: name.slice(stem.length), value };
  }
  return undefined;
}
