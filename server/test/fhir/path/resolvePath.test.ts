import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { branchesOf } from '../../../src/fhir/path/branches.ts';
import { pathStart, resolvePath } from '../../../src/fhir/path/resolvePath.ts';
import { r4Definitions } from '../../support/definitions.ts';

describe('the JSON properties of a path', () => {
  let definitions: Definitions;
  beforeAll(async () => {
    definitions = await r4Definitions();
  });

  /** `property`, `property*` where it repeats, then the type; `!` where every resource has it. */
  function resolved(expression: string): string[] | undefined {
    const type = expression.split('.')[0]!;
    const path = branchesOf(expression, type, definitions)[0]!.path!;
    return resolvePath(definitions, pathStart(definitions, type)!, path.steps)?.map(
      ({ hops, type: t, required }) => {
        const names = hops.map((hop) =>
          hop.kind === 'property' ? hop.name + (hop.repeats ? '*' : '') : hop.kind,
        );
        return `${names.join('.')} ${t}${required ? '!' : ''}`;
      },
    );
  }

  test.each([
    ['Observation.status', ['status code!']],
    ['Observation.component.code', ['component*.code CodeableConcept']],
    [
      'Observation.effective',
      [
        'effectiveDateTime dateTime',
        'effectivePeriod Period',
        'effectiveTiming Timing',
        'effectiveInstant instant',
      ],
    ],
    ['Observation.value.ofType(Quantity)', ['valueQuantity Quantity']],
    ['ConceptMap.source.ofType(uri)', ['sourceUri uri', 'sourceCanonical canonical']],
    ['Patient.name.given', ['name*.given* string']],
    ["Patient.telecom.where(system='phone')", ['telecom*.where ContactPoint']],
    ['Bundle.entry[0].resource', ['entry*.item.resource Resource']],
    ['Bundle.entry.link.url', ['entry*.link*.url uri']],
    ['Patient.extension.value.coding.code', ['extension*.valueCodeableConcept.coding*.code code']],
    ['Extension.value.repeat', ['valueTiming.repeat Element']],
    ['Observation.value.unit', ['valueQuantity.unit string']],
    ['Condition.extension.valueDateTime', ['extension*.valueDateTime dateTime']],
    ['Observation.valueQuantity.value', ['valueQuantity.value decimal']],
    ['Observation.valueMoney', undefined],
    ['Observation.value.nothing', undefined],
    // Of strings, too, which have it in a property of its own.
    ['Observation.value.extension', undefined],
    ['Patient.nothing', undefined],
    ['Patient.name.given[0]', undefined],
    ['Patient.name.ofType(Address)', undefined],
  ])('%s', (expression, expected) => {
    expect(resolved(expression)).toEqual(expected);
  });
});
