import { beforeAll, describe, expect, test } from '@jest/globals';
import { PathEvaluationError, PathLimitError, PathSyntaxError } from '../../../../src/fhir/path/errors.ts';
import { compileExpression, createPathModel } from '../../../../src/fhir/path/evaluate/compileExpression.ts';
import { FUNCTIONS } from '../../../../src/fhir/path/evaluate/functions/functions.ts';
import type { PathModel } from '../../../../src/fhir/path/evaluate/run.ts';
import { EXPRESSION_DEPTH_MAX } from '../../../../src/fhir/path/parse/parse.ts';
import { r4Definitions } from '../../../support/definitions.ts';

let model: PathModel;
beforeAll(async () => {
  model = createPathModel(await r4Definitions());
});

const PATIENT = {
  resourceType: 'Patient',
  id: 'p',
  active: true,
  name: [{ given: ['Anna', null], _given: [null, { extension: [{ url: 'http://x', valueCode: 'y' }] }] }],
  birthDate: '1970-03',
  multipleBirthInteger: 2,
  contained: [{ resourceType: 'Organization', id: 'o', name: 'Clinic' }],
  managingOrganization: { reference: '#o' },
  text: { status: 'generated', div: '<div>x</div>' },
  extension: [
    {
      url: 'http://q',
      valueQuantity: { value: 1.5, unit: 'g', system: 'http://unitsofmeasure.org', code: 'g' },
    },
  ],
};

const evaluate = (text: string, left?: number) =>
  compileExpression(text, { model, type: 'Patient' }).evaluate(
    PATIENT,
    left === undefined ? {} : { budget: { left } },
  );

describe('an expression', () => {
  test.each([
    ['too long', `'${'x'.repeat(20_000)}'`],
    ['with too many brackets', `${'('.repeat(EXPRESSION_DEPTH_MAX)}1${')'.repeat(EXPRESSION_DEPTH_MAX)}`],
    ['with too many signs', `${'-'.repeat(100_000 / 10)}1`],
    ['with too long a path', 'name' + '.first()'.repeat(EXPRESSION_DEPTH_MAX)],
    [
      'with too many operators',
      Array(EXPRESSION_DEPTH_MAX + 2)
        .fill('1')
        .join('+'),
    ],
    ['with an unknown function', 'name.shout()'],
    ['with an unknown type', 'name is Nome'],
    ['with too many arguments', 'name.first(1)'],
    ['that ends too soon', 'name.where(given ='],
    ['with an unfinished text', "'abc"],
  ])('%s is refused', (_, text) => expect(() => evaluate(text)).toThrow(PathSyntaxError));

  test.each([
    ['1.repeat($this + 1)', undefined],
    [
      "('a' | 'b' | 'c' | 'd').select(descendants() | $this & 'x').aggregate($total & $total & 'abc', 'abc').length()",
      20,
    ],
    [
      "(1|2|3|4|5|6|7|8|9).aggregate($total & $total & $total & $total & $total & $total & $total & $total, 'abcdefghi')",
      undefined,
    ],
    ["'aaaaaaaaaaaaaaaaaaaaaaaa'.replace('', 'aaaaaaaaaaaaaaaaaaaa')", 5],
    ['descendants()', 3],
    ['name.given', 1],
  ])('that takes too many steps stops: %s', (text, left) =>
    expect(() => evaluate(text, left)).toThrow(PathLimitError),
  );

  test('makes units and texts of a bounded length', () => {
    const forty = Array.from({ length: 40 }, (_, i) => i + 1).join('|');
    expect(evaluate(`(${forty}).aggregate($total * $total, 1 'kg.m/s2')`)).toEqual([]);
    const limited = `(${forty}).aggregate($total & $total, 'abc')`;
    expect(() => evaluate(limited)).toThrow(PathLimitError);
    expect(() => evaluate(`(${forty}).aggregate($total & $total, 'abc').toChars()`)).toThrow(PathLimitError);
  });

  test('computes with numbers of a bounded length', () => {
    const digits = '9'.repeat(400);
    expect(evaluate(`${digits}.0 * ${digits}.0`)).toEqual([]);
    expect(evaluate(`${digits}.0 + 1`)).toHaveLength(1);
  });
});

/** A small generator of numbers that seeds repeat. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return Math.abs(state ^ (state >>> 12)) % below;
  };
}

const TERMS =
  "name|given|active|birthDate|multipleBirth|contained|extension|text.`div`|1|2.5|'Anna'|''|'(a+)+$'|@2020-02|@T10:30|4 'g'|2 days|true|{}|$this|%context|%resource|%ucum|managingOrganization|'http://q'|-3".split(
    '|',
  );
const OPERATORS = '+ - * / div mod & | = != ~ !~ < <= > >= in contains and or xor implies'.split(' ');
const TYPES = 'Patient string HumanName Quantity System.Integer code decimal'.split(' ');

function randomExpression(below: (max: number) => number, depth: number): string {
  const term = () => TERMS[below(TERMS.length)]!;
  if (depth === 0) return term();
  const inner = () => randomExpression(below, below(depth));
  const kind = below(10);
  if (kind < 2) return `(${inner()} ${OPERATORS[below(OPERATORS.length)]} ${inner()})`;
  if (kind === 2) return `(${inner()})[${inner()}]`;
  if (kind === 3) return `(${inner()} ${below(2) ? 'is' : 'as'} ${TYPES[below(TYPES.length)]})`;
  if (kind === 4) return `(${inner()}).${term().replace(/^[^a-z].*/, 'id')}`;
  const names = Object.keys(FUNCTIONS);
  const name = names[below(names.length)]!;
  const { min, max } = FUNCTIONS[name]!;
  const count = min + below(Math.min(max, 3) - min + 1);
  const args = Array.from({ length: count }, () =>
    /^(is|as|ofType)$/.test(name) ? TYPES[below(TYPES.length)]! : inner(),
  );
  return `(${inner()}).${name}(${args.join(', ')})`;
}

test('5,000 random expressions give a result or a fault of the expression', () => {
  let results = 0;
  for (let seed = 1; seed <= 5_000; seed++) {
    const text = randomExpression(random(seed), 5);
    try {
      evaluate(text, 20_000);
      results++;
    } catch (error) {
      if (!(error instanceof PathSyntaxError) && !(error instanceof PathEvaluationError)) {
        throw new Error(`seed ${seed}: ${text}`, { cause: error });
      }
    }
  }
  expect(results).toBeGreaterThan(1_000);
});

test('any JSON is taken, also where it is not of the type', () => {
  const expressions = [
    'name.given.first()',
    'descendants()',
    'birthDate < today()',
    "name.where(use = 'x').exists()",
    'multipleBirth + 1',
  ];
  const values: unknown[] = [
    null,
    1,
    'x',
    [],
    {},
    { name: 1 },
    { name: [null, 'x', [{}]] },
    { birthDate: {} },
    { _birthDate: 1 },
    { multipleBirthInteger: 'x', extension: [[[]]] },
  ];
  for (const text of expressions) {
    const expression = compileExpression(text, { model, type: 'Patient' });
    for (const value of values) {
      try {
        expression.evaluate(value);
      } catch (error) {
        expect(error).toBeInstanceOf(PathEvaluationError);
      }
    }
  }
});
