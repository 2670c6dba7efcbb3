import type { ElementDefinition, ElementDefinitionType, StructureDefinition } from '@medplum/fhirtypes';
import { baseElement, type Structures } from '../baseElement.ts';
import { canonicalLink, code, table } from './markdown.ts';

/** What a profile says of each element: how often it stands, of which type and with which values, and what it means. */
export function elementTable(structures: Structures, definition: StructureDefinition): string {
  const [, ...elements] = definition.differential?.element ?? [];
  const rows = elements.map((element) => {
    const base = baseElement(structures, definition, element.id ?? '');
    return [
      nameOf(element),
      cardinality(element, base),
      types(element, base),
      values(element),
      meaning(element, base),
    ];
  });
  return table(['element', 'how often', 'type', 'values', 'meaning'], rows);
}

/** The rules that go beyond single elements, or beyond what FHIR's definitions can say of them. */
export function ruleTable(definition: StructureDefinition): string | undefined {
  const rules = (definition.differential?.element ?? []).flatMap((element) =>
    (element.constraint ?? []).map(({ key = '', human = '', expression = '' }) => {
      return [code(key), code(element.id ?? ''), human, code(expression)];
    }),
  );
  return rules.length > 0 ? table(['rule', 'of', 'says', 'FHIRPath'], rules) : undefined;
}

const nameOf = ({ id = '' }: ElementDefinition): string => code(id.slice(id.indexOf('.') + 1));

/** A slice may be missing, unless it says otherwise, whatever the element that it is a slice of says. */
function cardinality(element: ElementDefinition, base: ElementDefinition | undefined): string {
  const min =
    element.min ?? (element.sliceName !== undefined && base?.sliceName === undefined ? 0 : base?.min);
  return `${min}..${element.max ?? base?.max}`;
}

function types(element: ElementDefinition, base: ElementDefinition | undefined): string {
  return (element.type ?? base?.type ?? []).map(typeText).join(', ');
}

function typeText({ code: name = '', profile = [], targetProfile = [] }: ElementDefinitionType): string {
  const what = [...profile, ...targetProfile].map(canonicalLink);
  const shown = name.startsWith('http://hl7.org/fhirpath/') ? 'string' : name;
  return what.length > 0 ? `${shown} (${what.join(', ')})` : shown;
}

function values(element: ElementDefinition): string {
  const { binding, slicing, maxLength } = element;
  const said: string[] = [];
  for (const [name, value] of Object.entries(element)) {
    if (/^fixed[A-Z]/.test(name)) said.push(`always ${valueText(value)}`);
    if (/^pattern[A-Z]/.test(name)) said.push(`has ${valueText(value)}`);
  }
  if (binding) said.push(`${binding.strength}: ${canonicalLink(binding.valueSet ?? '')}`);
  if (maxLength !== undefined) said.push(`${maxLength} characters at the most`);
  if (slicing)
    said.push(`told apart by ${slicing.discriminator?.map(({ path }) => code(path ?? '')).join(', ')}`);
  return said.join('; ');
}

interface CodeLike {
  system?: string;
  code?: string;
  coding?: CodeLike[];
}

function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return code(String(value));
  const { coding, ...single } = value as CodeLike;
  return (coding ?? [single]).map((one) => code(`${one.system}#${one.code}`)).join(', ');
}

const meaning = (element: ElementDefinition, base: ElementDefinition | undefined): string =>
  element.short ?? base?.short ?? '';
