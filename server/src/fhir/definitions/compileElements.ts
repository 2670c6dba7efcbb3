import type { ElementDefinition as FhirElement, ElementDefinitionType } from '@medplum/fhirtypes';
import type { Constraint, ElementDefinition, ElementType } from './types.ts';

const PROFILE_PREFIX = 'http://hl7.org/fhir/StructureDefinition/';
const SYSTEM_TYPE_PREFIX = 'http://hl7.org/fhirpath/System.';
const FHIR_TYPE_EXTENSION = `${PROFILE_PREFIX}structuredefinition-fhir-type`;
/** FHIRPath's names of the types whose extension with the FHIR name is missing (`xhtml.id`). */
const SYSTEM_TYPES: Record<string, string> = { String: 'string', Boolean: 'boolean', Integer: 'integer' };
/** HL7's definition declares it as a string; the specification (resource.html) as an `id`. */
const RESOURCE_ID = 'Resource.id';
/** The one profile that R4's own elements name where they mean a type. */
const SIMPLE_QUANTITY = `${PROFILE_PREFIX}SimpleQuantity`;
const NO_COMPARATOR: Constraint = {
  key: 'sqty-1',
  severity: 'error',
  human: 'The comparator is not used on a SimpleQuantity',
  expression: 'comparator.empty()',
};
const MAX_VALUE_SET_EXTENSION = `${PROFILE_PREFIX}elementdefinition-maxValueSet`;
const ALL_LANGUAGES = 'http://hl7.org/fhir/ValueSet/all-languages';
const CHOICE_SUFFIX = '[x]';

/**
 * Turns the flat snapshot of a type into a tree: the elements right below the type, each with its own below it.
 * Throws when an element stands below one that the snapshot does not have.
 */
export function elementTree(snapshot: readonly FhirElement[]): ElementDefinition[] {
  const [root, ...rest] = snapshot;
  const top: ElementDefinition[] = [];
  const byPath = new Map<string, ElementDefinition>();
  for (const source of rest) {
    const element = compactElement(source);
    const parentPath = source.path.slice(0, source.path.lastIndexOf('.'));
    if (parentPath === root?.path) top.push(element);
    else {
      const parent = byPath.get(parentPath);
      if (!parent) throw new Error(`The snapshot has ${source.path} but not its parent ${parentPath}`);
      (parent.children ??= []).push(element);
    }
    byPath.set(source.path, element);
  }
  return top;
}

function compactElement(source: FhirElement): ElementDefinition {
  const { path } = source;
  const lastName = path.slice(path.lastIndexOf('.') + 1);
  const choice = lastName.endsWith(CHOICE_SUFFIX);
  const element: ElementDefinition = {
    name: choice ? lastName.slice(0, -CHOICE_SUFFIX.length) : lastName,
    path,
    min: source.min ?? fail(path, 'min'),
    max: source.max === '*' ? -1 : Number(source.max ?? fail(path, 'max')),
    choice,
    types: source.base?.path === RESOURCE_ID ? [{ code: 'id' }] : (source.type ?? []).map(compactType),
    isSummary: source.isSummary ?? false,
    isModifier: source.isModifier ?? false,
  };
  if (source.contentReference) element.contentReference = source.contentReference.replace(/^.*#/, '');
  else if (element.types.length === 0) fail(path, 'type');
  const { binding } = source;
  if (binding?.strength === 'required') {
    element.requiredValueSet = (binding.valueSet ?? fail(path, 'binding.valueSet')).replace(/\|.*$/, '');
  }
  if (binding?.strength === 'extensible' && binding.valueSet !== undefined) {
    element.extensibleValueSet = binding.valueSet.replace(/\|.*$/, '');
  }
  // A language that is preferred only must still be one: the binding has a wider value set as its bound.
  if (source.type?.[0]?.code === 'code' && maxValueSet(source) === ALL_LANGUAGES) {
    element.requiredValueSet = ALL_LANGUAGES;
  }
  const constraints = ownConstraints(source);
  if (constraints.length > 0) element.constraints = constraints;
  return element;
}

function maxValueSet({ binding }: FhirElement): string | undefined {
  return binding?.extension?.find(({ url }) => url === MAX_VALUE_SET_EXTENSION)?.valueCanonical;
}

/** The invariants of a snapshot's element, those of its type included; not those that its structure ensures. */
export function constraintsOf({ constraint = [] }: FhirElement): Constraint[] {
  return constraint
    .filter(({ key, expression }) => key !== 'ele-1' && expression !== undefined)
    .map(({ key, severity, human, expression }) => ({
      key: key ?? '',
      severity: severity ?? 'error',
      human: human ?? '',
      expression: expression ?? '',
    }));
}

/** Those that are stated at the element itself: the snapshot repeats the ones of its type. */
function ownConstraints(element: FhirElement): Constraint[] {
  const owner = PROFILE_PREFIX + element.path.replace(/\..*$/, '');
  const own = (element.constraint ?? []).filter(({ source = owner }) => source === owner);
  const isSimple = element.type?.some(({ profile = [] }) => profile.includes(SIMPLE_QUANTITY)) ?? false;
  return [...constraintsOf({ ...element, constraint: own }), ...(isSimple ? [NO_COMPARATOR] : [])];
}

function compactType(source: ElementDefinitionType): ElementType {
  const type: ElementType = { code: fhirTypeName(source) };
  // A reference to any Resource has no target worth naming: absent says the same.
  const targets = (source.targetProfile ?? []).map((profile) => profile.replace(PROFILE_PREFIX, ''));
  if (targets.length > 0 && !targets.includes('Resource')) type.targets = targets;
  return type;
}

/** The FHIR type behind a FHIRPath system type: `Resource.id` is declared as System.String and means `id`. */
function fhirTypeName(source: ElementDefinitionType): string {
  const code = source.code ?? '';
  if (!code.startsWith(SYSTEM_TYPE_PREFIX)) return code;
  const declared = source.extension?.find((extension) => extension.url === FHIR_TYPE_EXTENSION);
  const name = declared?.valueUrl ?? SYSTEM_TYPES[code.slice(SYSTEM_TYPE_PREFIX.length)];
  return name ?? fail(code, 'FHIR type');
}

function fail(path: string, what: string): never {
  throw new Error(`The definition of ${path} has no ${what}`);
}
