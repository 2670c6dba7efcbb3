import { beforeAll, describe, expect, test } from '@jest/globals';
import { PathEvaluationError, PathSyntaxError } from '../../../../src/fhir/path/errors.ts';
import {
  compileExpression,
  createPathModel,
  type EvaluationContext,
} from '../../../../src/fhir/path/evaluate/compileExpression.ts';
import type { PathModel } from '../../../../src/fhir/path/evaluate/run.ts';
import { valueOf } from '../../../../src/fhir/path/evaluate/values/values.ts';
import { parseExact } from '../../../../src/fhir/json/parse.ts';
import { r4Definitions } from '../../../support/definitions.ts';

let model: PathModel;
beforeAll(async () => {
  model = createPathModel(await r4Definitions());
});

const PATIENT = { resourceType: 'Patient', id: 'p', birthDate: '1970-03' };
const OBSERVATION = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '1' }] },
  subject: { reference: 'Patient/p' },
  _status: { extension: [{ url: 'http://why', valueString: 'x' }] },
  valueQuantity: { value: 1.5, system: 'http://unitsofmeasure.org', code: 'g' },
  component: [
    { code: { text: 'a' }, valueInteger: 1 },
    { code: { text: 'b' }, valueString: 'two' },
  ],
};

/** The values, or the names of the types of those that have none. */
function results(
  text: string,
  context: EvaluationContext = {},
  type = 'Observation',
  value: unknown = OBSERVATION,
) {
  const nodes = compileExpression(text, { model, type, asFilters: true }).evaluate(value, context);
  return nodes.map((node) => valueOf(node)?.toString() ?? node.shape.name);
}

describe('FHIR in FHIRPath', () => {
  test.each([
    ['value.unit', []],
    ['value.ofType(Quantity).code', ['g']],
    ["value = 1500 'mg'", ['true']],
    ['component.value', ['1', 'two']],
    ['component.value.ofType(integer)', ['1']],
    ['component.where(value is string).code.text', ['b']],
    ['component.value as String', ['two']],
    ['component.value as Integer', ['1']],
    ['(component.value as System.String).count()', ['1']],
    ['code.coding.system as String', []],
    ['component.where(value is String).code.text', []],
    ["status.extension('http://why').value", ['x']],
    ['status.extension.url', ['http://why']],
    ['Observation.code.coding.code', ['1']],
    ['Patient.name', []],
    ['code.type().name', ['CodeableConcept']],
    ['component.first().type().name', ['BackboneElement']],
    ['children().count()', ['6']],
    ['%resource.status', ['final']],
    ["'x' in %strange", ['false']],
  ])('%s', (text, expected) => {
    const variables = new Map([['strange', []]]);
    expect(results(text, { variables })).toEqual(expected);
  });

  test('elements know where they stand', () => {
    const [node] = compileExpression('component.value.ofType(string)', {
      model,
      type: 'Observation',
    }).evaluate(OBSERVATION);
    expect([node?.property, node?.index, node?.parent?.property, node?.parent?.index]).toEqual([
      'valueString',
      -1,
      'component',
      1,
    ]);
  });

  test('an expression can be about a part of a resource', () => {
    const value = OBSERVATION.component[0];
    expect(results('code.text', {}, 'Observation.component', value)).toEqual(['a']);
    expect(results('%resource.status', { resource: OBSERVATION }, 'Observation.component', value)).toEqual([
      'final',
    ]);
  });

  test('an expression can be about a primitive, also one without a value', () => {
    const extensions = { extension: [{ url: 'http://why', valueCode: 'x' }] };
    expect(results("hasValue() and $this = 'a'", {}, 'string', 'a')).toEqual(['true']);
    expect(
      results("hasValue().not() and extension('http://why').exists()", {}, 'string', extensions),
    ).toEqual(['true']);
    expect(() => results('true', {}, 'Observation.value[x]', 'a')).toThrow(PathSyntaxError);
  });

  test('numbers keep their digits', () => {
    const value: unknown = parseExact('{"resourceType":"Observation","valueQuantity":{"value":1.500}}');
    expect(results('value.value', {}, 'Observation', value)).toEqual(['1.500']);
    expect(results('value.value.precision()', {}, 'Observation', value)).toEqual(['3']);
  });

  test('references are followed by the port', () => {
    const ports = { resolve: (reference: string) => (reference === 'Patient/p' ? PATIENT : undefined) };
    expect(results('subject.resolve().birthDate', { ports })).toEqual(['1970-03']);
    expect(results('subject.resolve() is Patient', { ports })).toEqual(['true']);
    expect(results('subject.resolve()')).toEqual([]);
  });

  test('what is asked of terminology and profiles is answered by ports, or cannot be evaluated', () => {
    const ports = {
      memberOf: (_: unknown, type: string, valueSet: string) =>
        valueSet === 'http://v' ? type === 'CodeableConcept' : undefined,
      conformsTo: (_: unknown, __: string, profile: string) => profile === 'http://p',
    };
    expect(results("code.memberOf('http://v')", { ports })).toEqual(['true']);
    expect(results("conformsTo('http://p')", { ports })).toEqual(['true']);
    expect(() => results("code.memberOf('http://w')", { ports })).toThrow(PathEvaluationError);
    expect(() => results("code.memberOf('http://v')")).toThrow(PathEvaluationError);
  });

  test('modifier extensions that are not known stop an expression', () => {
    const value = { ...OBSERVATION, modifierExtension: [{ url: 'http://not', valueBoolean: true }] };
    expect(results("checkModifiers('http://not').status", {}, 'Observation', value)).toEqual(['final']);
    expect(() => results('checkModifiers().status', {}, 'Observation', value)).toThrow(PathEvaluationError);
    expect(results('checkModifiers().status')).toEqual(['final']);
  });

  test('trace passes on what it sees', () => {
    const seen: unknown[] = [];
    const ports = { trace: (name: string, values: readonly unknown[]) => void seen.push([name, ...values]) };
    expect(results("status.trace('s')", { ports })).toEqual(['final']);
    expect(seen).toEqual([['s', { type: 'code', value: 'final' }]]);
  });

  test('strictly, what the types do not have is a fault of the expression', () => {
    const strict = (text: string) => () =>
      compileExpression(text, { model, type: 'Observation', strict: true });
    for (const text of [
      'valueQuantity',
      'code.codng',
      'Patient.name',
      'children().first()',
      '(code as Period)',
    ]) {
      expect(strict(text)).toThrow();
    }
    expect(strict('component.value.ofType(Quantity).unit')).not.toThrow();
  });
});
