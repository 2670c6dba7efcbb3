import type { Definitions, ElementDefinition } from '../../src/fhir/definitions/types.ts';

const PRIMITIVES: Readonly<Record<string, unknown>> = {
  boolean: true,
  integer: 1,
  positiveInt: 1,
  unsignedInt: 1,
  decimal: 1,
  date: '2020-01-01',
  dateTime: '2020-01-01T00:00:00Z',
  instant: '2020-01-01T00:00:00Z',
  time: '00:00:00',
  base64Binary: 'AAAA',
  uri: 'urn:x',
  url: 'urn:x',
  canonical: 'urn:x',
};
/** Of types in which nothing is required, and something must be. */
const OBJECTS: Readonly<Record<string, object>> = {
  Reference: { display: 'x' },
  CodeableConcept: { text: 'x' },
  Coding: { code: 'x' },
  Identifier: { value: 'x' },
  Period: { start: '2020-01-01' },
  Quantity: { value: 1 },
  Money: { value: 1 },
  Duration: { value: 1 },
  Age: { value: 1 },
  Attachment: { title: 'x' },
  HumanName: { text: 'x' },
  Annotation: { text: 'x' },
  Timing: { code: { text: 'x' } },
  Dosage: { text: 'x' },
  Expression: { language: 'text/cql' },
  SubstanceAmount: { amountText: 'x' },
};

/** A resource with the elements that a type requires, and no others. */
export function smallest(definitions: Definitions, type: string): Record<string, unknown> {
  return { resourceType: type, ...required(definitions, definitions.type(type)!.elements) };
}

function required(definitions: Definitions, elements: readonly ElementDefinition[]): Record<string, unknown> {
  const wanted = elements.filter(({ min }) => min > 0);
  return Object.fromEntries(
    wanted.map((element) => {
      const { code } = element.types[0]!;
      const name = element.choice ? `${element.name}${code[0]!.toUpperCase()}${code.slice(1)}` : element.name;
      const value = valueOf(definitions, element, code);
      return [name, element.max === 1 ? value : [value]];
    }),
  );
}

function valueOf(definitions: Definitions, element: ElementDefinition, code: string): unknown {
  if (element.children) {
    const own = required(definitions, element.children);
    // An object must have something: its first element will do.
    return Object.keys(own).length > 0
      ? own
      : required(definitions, [{ ...someOf(element.children), min: 1 }]);
  }
  if (element.requiredValueSet !== undefined) {
    const [codes] = Object.values(definitions.codes(element.requiredValueSet) ?? {});
    if (codes?.[0] !== undefined) return codes[0];
  }
  if (code in PRIMITIVES) return PRIMITIVES[code];
  const type = definitions.type(code);
  if (type === undefined || type.kind === 'primitive-type') return 'x';
  if (type.kind === 'resource') return { resourceType: 'Basic', code: { text: 'x' } };
  return { ...OBJECTS[code], ...required(definitions, type.elements) };
}

const someOf = (children: readonly ElementDefinition[]): ElementDefinition =>
  children.find(({ name }) => !['id', 'extension', 'modifierExtension'].includes(name))!;
