import { describe, expect, test } from '@jest/globals';
import { JSON_PATCH_OPERATIONS_MAX, readJsonPatch } from '../../../src/fhir/patch/jsonPatch.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';
import { exactly, faultOf } from './support.ts';

/** Any JSON can be patched before it is asked whether it is a resource. */
const patched = (document: unknown, patch: unknown) => readJsonPatch(patch)(document as Resource);

interface Case {
  comment: string;
  doc: unknown;
  patch: unknown;
  expected?: unknown;
  error?: string;
}

const archive = sharedPath('data/fhirpath-patch-graphql-r4.tgz');
const suite =
  archive && [...archivedFiles(archive)].find(({ name }) => name.endsWith('json-patch-tests.json'));
const CASES: Case[] = suite ? (JSON.parse(suite.content.toString()) as Case[]) : [];

(suite ? describe : describe.skip)("HL7's cases", () => {
  test('are all there', () => expect(CASES).toHaveLength(16));

  test.each(CASES.map((each) => [each.comment, each] as const))(
    '%s',
    (_comment, { doc, patch, ...result }) => {
      if (result.error === undefined) expect(patched(doc, patch)).toEqual(result.expected);
      else expect(faultOf(() => patched(doc, patch)).category).toBe('unprocessable');
    },
  );
});

describe('RFC 6902, appendix A, by its documents', () => {
  const op = (text: string) => JSON.parse(text) as unknown;
  test.each([
    ['A.1', '{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"foo":"bar","baz":"qux"}'],
    [
      'A.2',
      '{"foo":["bar","baz"]}',
      '[{"op":"add","path":"/foo/1","value":"qux"}]',
      '{"foo":["bar","qux","baz"]}',
    ],
    ['A.3', '{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'],
    ['A.4', '{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'],
    [
      'A.5',
      '{"baz":"qux","foo":"bar"}',
      '[{"op":"replace","path":"/baz","value":"boo"}]',
      '{"baz":"boo","foo":"bar"}',
    ],
    [
      'A.6',
      '{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}',
      '[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]',
      '{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}',
    ],
    [
      'A.7',
      '{"foo":["all","grass","cows","eat"]}',
      '[{"op":"move","from":"/foo/1","path":"/foo/3"}]',
      '{"foo":["all","cows","eat","grass"]}',
    ],
    [
      'A.8',
      '{"baz":"qux","foo":["a",2,"c"]}',
      '[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]',
      '{"baz":"qux","foo":["a",2,"c"]}',
    ],
    [
      'A.10',
      '{"foo":"bar"}',
      '[{"op":"add","path":"/child","value":{"grandchild":{}}}]',
      '{"foo":"bar","child":{"grandchild":{}}}',
    ],
    [
      'A.11',
      '{"foo":"bar"}',
      '[{"op":"add","path":"/baz","value":"qux","xyz":123}]',
      '{"foo":"bar","baz":"qux"}',
    ],
    ['A.14', '{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10}]', '{"/":9,"~1":10}'],
    [
      'A.16',
      '{"foo":["bar"]}',
      '[{"op":"add","path":"/foo/-","value":["abc","def"]}]',
      '{"foo":["bar",["abc","def"]]}',
    ],
  ])('%s', (_name, document, patch, result) => {
    // As texts, so that the order of members counts too.
    expect(JSON.stringify(patched(op(document), op(patch)))).toBe(result);
  });

  test.each([
    ['A.9: the value is another', '{"baz":"qux"}', '[{"op":"test","path":"/baz","value":"bar"}]'],
    ['A.12: the parent is not there', '{"foo":"bar"}', '[{"op":"add","path":"/baz/bat","value":"qux"}]'],
    ['A.15: a number is no string', '{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":"10"}]'],
  ])('%s', (_name, document, patch) => {
    expect(faultOf(() => patched(op(document), op(patch))).category).toBe('unprocessable');
  });
});

const PATIENT =
  '{"resourceType":"Patient","id":"x","active":true,"name":[{"family":"A","given":["b","c"]},{"family":"D"}]}';

describe('operations', () => {
  const run = (...operations: object[]) => JSON.stringify(patched(exactly(PATIENT), operations));

  test('add replaces a member that is there, and is put before an item', () => {
    expect(run({ op: 'add', path: '/active', value: false })).toBe(PATIENT.replace('true', 'false'));
    expect(run({ op: 'add', path: '/name/0/given/2', value: 'd' })).toContain('["b","c","d"]');
    expect(run({ op: 'add', path: '/name/0/given/0', value: 'a' })).toContain('["a","b","c"]');
  });

  test('the whole document can be replaced, copied into and tested', () => {
    expect(run({ op: 'replace', path: '', value: { resourceType: 'Basic' } })).toBe(
      '{"resourceType":"Basic"}',
    );
    expect(run({ op: 'copy', from: '', path: '/contained' })).toBe(
      PATIENT.replace(/\}$/, `,"contained":${PATIENT}}`),
    );
    expect(run({ op: 'test', path: '', value: JSON.parse(PATIENT) as object })).toBe(PATIENT);
    expect(run({ op: 'remove', path: '' })).toBe('null');
  });

  test('move to where it stands changes nothing', () => {
    expect(run({ op: 'move', from: '/name/1', path: '/name/1' })).toBe(PATIENT);
  });

  test('a copy is another one', () => {
    const result = run(
      { op: 'copy', from: '/name/0', path: '/name/-' },
      { op: 'replace', path: '/name/2/family', value: 'Z' },
      { op: 'replace', path: '/name/2/given/0', value: 'z' },
    );
    expect(result).toBe(PATIENT.replace('{"family":"D"}', '{"family":"D"},{"family":"Z","given":["z","c"]}'));
  });

  test('what a patch brings is not changed by it, so that it can be applied again', () => {
    const apply = readJsonPatch([
      { op: 'add', path: '/contact', value: [{ gender: 'male' }] },
      { op: 'replace', path: '/contact/0/gender', value: 'female' },
    ]);
    const once = JSON.stringify(apply(exactly(PATIENT)));
    expect(once).toContain('"contact":[{"gender":"female"}]');
    expect(JSON.stringify(apply(exactly(PATIENT)))).toBe(once);
  });

  test.each([
    ['an index with a zero in front', { op: 'remove', path: '/name/00' }, 'Patient.name'],
    ['no index', { op: 'add', path: '/name/x', value: {} }, 'Patient.name.x'],
    ['an index beyond', { op: 'add', path: '/name/3', value: {} }, 'Patient.name[3]'],
    ['what is after the last', { op: 'remove', path: '/name/-' }, 'Patient.name'],
    ['a member of a string', { op: 'add', path: '/id/x', value: 1 }, 'Patient.id'],
    ['an absent element', { op: 'replace', path: '/gender', value: 'male' }, 'Patient.gender'],
    ['an absent source', { op: 'copy', from: '/gender', path: '/x' }, 'Patient.gender'],
    ['what only prototypes have', { op: 'remove', path: '/constructor' }, 'Patient.constructor'],
    ['a move into itself', { op: 'move', from: '/name/0', path: '/name/0/given/0' }, 'Patient.name[0]'],
    ['a test of what is absent', { op: 'test', path: '/gender', value: null }, 'Patient.gender'],
    ['what may be content', { op: 'remove', path: '/name/0/it is Ann' }, 'Patient.name[0]'],
  ])('%s cannot be', (_name, operation, expression) => {
    const { category, issues } = faultOf(() => run({ op: 'test', path: '/active', value: true }, operation));
    expect(category).toBe('unprocessable');
    expect(issues[0]?.expression).toEqual([expression]);
    expect(issues[0]?.diagnostics).toMatch(
      /^Operation 1 \(\w+\) cannot be applied: .*Nothing was changed\.$/,
    );
    expect(issues[0]?.diagnostics).not.toContain('Ann');
  });

  test.each([
    ['no array', { op: 'add' }, 'array of operations'],
    ['no object', [1], 'Operation 0 must be an object'],
    ['no op', [{ path: '/a' }], 'op of operation 0'],
    ['another op', [{ op: 'insert', path: '/a' }], 'op of operation 0'],
    ['an op of the prototype', [{ op: 'constructor', path: '/a' }], 'op of operation 0'],
    ['no path', [{ op: 'remove' }], 'path of operation 0'],
    ['no pointer', [{ op: 'remove', path: 'a' }], 'path of operation 0'],
    ['a wrong escape', [{ op: 'remove', path: '/~2' }], 'path of operation 0'],
    ['no value', [{ op: 'add', path: '/a' }], 'Operation 0 (add) needs a value'],
    ['no from', [{ op: 'copy', path: '/a' }], 'from of operation 0'],
    [
      'too many',
      Array.from({ length: JSON_PATCH_OPERATIONS_MAX + 1 }, () => ({ op: 'remove', path: '/a' })),
      '10000',
    ],
  ])('%s: refused as a whole', (_name, patch, text) => {
    const { category, issues } = faultOf(() => readJsonPatch(patch));
    expect(category).toBe('incorrect');
    expect(issues[0]?.diagnostics).toContain(text);
  });
});

describe('numbers', () => {
  const DECIMALS = '{"resourceType":"X","a":1.10,"b":1E400,"c":-0,"d":0.10,"e":123456789.123456789123}';
  const run = (patch: string) => JSON.stringify(readJsonPatch(exactly(patch))(exactly(DECIMALS)));

  test('keep every digit, where they are untouched, moved, copied and brought', () => {
    const patch = `[{"op":"move","from":"/b","path":"/f"},{"op":"copy","from":"/a","path":"/g"},{"op":"add","path":"/h","value":[2.50,1e-7]}]`;
    expect(run(patch)).toBe(
      '{"resourceType":"X","a":1.10,"c":-0,"d":0.10,"e":123456789.123456789123,"f":1E400,"g":1.10,"h":[2.50,1e-7]}',
    );
  });

  test.each([
    ['/a', '1.1'],
    ['/a', '110e-2'],
    ['/a', '0.0110E+02'],
    ['/b', '10e399'],
    ['/c', '0'],
    ['/d', '1e-1'],
    ['/e', '123456789123456789.123e-9'],
  ])('%s is numerically equal to %s', (path, number) => {
    expect(run(`[{"op":"test","path":"${path}","value":${number}}]`)).toBe(DECIMALS);
  });

  test.each([
    ['/a', '1.11'],
    ['/a', '-1.10'],
    ['/b', '1E401'],
    ['/b', '1e9999999999999999999'],
    ['/e', '123456789.123456789124'],
    ['/a', '"1.10"'],
    ['/a', '{"rawJSON":"1.10"}'],
  ])('%s is not equal to %s', (path, value) => {
    expect(faultOf(() => run(`[{"op":"test","path":"${path}","value":${value}}]`)).category).toBe(
      'unprocessable',
    );
  });

  test('there is nothing inside of a number', () => {
    expect(faultOf(() => run('[{"op":"remove","path":"/a/rawJSON"}]')).category).toBe('unprocessable');
  });
});

describe('limits', () => {
  const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));

  test('copies of copies are refused before they fill the memory', () => {
    const { issues } = faultOf(() => patched({ resourceType: 'X', a: ['y'.repeat(1_000)] }, [...doubling]));
    expect(issues[0]?.code).toMatch(/too-costly|structure/);
    const wide = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '', path: `/b${i}` }));
    expect(faultOf(() => patched({ resourceType: 'X', a: 'y'.repeat(1_000) }, wide)).issues[0]?.code).toBe(
      'too-costly',
    );
  });

  test('nothing is nested deeper than what is read', () => {
    const nest = Array.from({ length: 70 }, () => ({ op: 'copy', from: '/a', path: '/a/x' }));
    const { category, issues } = faultOf(() => patched({ resourceType: 'X', a: { x: { x: {} } } }, nest));
    expect([category, issues[0]?.code]).toEqual(['unprocessable', 'structure']);
    const deep = JSON.parse(`${'{"x":'.repeat(62)}1${'}'.repeat(62)}`) as object;
    const below = (path: string) => () =>
      patched({ resourceType: 'X', y: {} }, [{ op: 'add', path, value: deep }]);
    expect(below('/y')).not.toThrow();
    expect(below('/y/z')).not.toThrow();
    expect(below('/y/z/a')).toThrow('deeper than 64 levels');
    const moved = () =>
      patched({ resourceType: 'X', y: { z: {} }, deep }, [{ op: 'move', from: '/deep', path: '/y/z/a' }]);
    expect(moved).toThrow('deeper than 64 levels');
  });

  test('a name that sets prototypes elsewhere is one like others', () => {
    const patch = JSON.parse('[{"op":"add","path":"/__proto__","value":{"active":true}}]') as unknown;
    const result = patched({ resourceType: 'X' }, patch) as Resource;
    expect(JSON.stringify(result)).toBe('{"resourceType":"X","__proto__":{"active":true}}');
    expect(result.active).toBeUndefined();
  });
});
