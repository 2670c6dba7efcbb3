import { parametersOf, type Operation } from '../../../fhir/patch/support.ts';
import { mutateBody } from './bodies.ts';
import type { Mutation } from './mutation.ts';
import { randomOf, type Random } from './random.ts';
import { setBody, wireBytes, type WireRequest, TOKEN_PLACE } from './request.ts';

interface Patches {
  json: object[];
  fhirPath: Operation[];
  merge: object[];
}

/** Good operations on the patient of base.ts, each by itself. */
const OF_PATIENT: Patches = {
  json: [
    { op: 'test', path: '/resourceType', value: 'Patient' },
    { op: 'replace', path: '/active', value: false },
    { op: 'add', path: '/name/0/given/1', value: 'Zoë' },
    { op: 'add', path: '/identifier/-', value: { value: 'x' } },
    { op: 'remove', path: '/birthDate' },
    { op: 'move', from: '/name/0/family', path: '/name/0/text' },
    { op: 'copy', from: '/identifier/0', path: '/identifier/0' },
  ],
  fhirPath: [
    { type: 'replace', path: 'Patient.active', value: { valueBoolean: false } },
    { type: 'add', path: 'Patient', name: 'identifier', value: { valueIdentifier: { value: 'x' } } },
    { type: 'insert', path: 'Patient.name.given', index: 1, value: { valueString: 'Zoë' } },
    { type: 'delete', path: "Patient.identifier.where(system = 'urn:mrn')" },
    { type: 'move', path: 'Patient.name.given', source: 1, destination: 0 },
    {
      type: 'add',
      path: 'Patient',
      name: 'contact',
      value: { part: [{ name: 'gender', valueCode: 'male' }] },
    },
    {
      type: 'replace',
      path: "Patient.extension('http://example.org/height').value",
      value: { valueString: 'x' },
    },
    { type: 'delete', path: 'Patient.name.where(family.exists() and given.count() > 1).given.first()' },
  ],
  merge: [
    { active: false, birthDate: null },
    { name: [{ family: 'Zoë' }], gender: 'other' },
    { meta: { tag: null }, extension: null },
  ],
};

/** The same of the observation. */
const OF_OBSERVATION: Patches = {
  json: [
    { op: 'replace', path: '/valueQuantity', value: { value: 1.1 } },
    { op: 'replace', path: '/component/0/code/text', value: 'b' },
    { op: 'copy', from: '/component/0', path: '/component/-' },
  ],
  fhirPath: [
    { type: 'replace', path: 'Observation.value', value: { valueString: 'high' } },
    { type: 'delete', path: 'Observation.component.value' },
    { type: 'add', path: 'Observation.code', name: 'coding', value: { valueCoding: { code: 'x' } } },
  ],
  merge: [{ valueQuantity: { value: 2, unit: null } }, { status: 'amended', component: null }],
};

/** Parts of paths, good and bad, that a path is made longer by. */
const PATH_PARTS = [
  '[0]',
  '[99]',
  '.first()',
  '.last()',
  '.where(true)',
  '.extension',
  '.value',
  '.ofType(string)',
  '.foo',
  '.',
  ".where(use = 'official')",
  '.where($this.exists())',
  '.repeat($this)',
  '.resolve()',
  ' | name',
  '.children()',
  '.single()',
  ".matches('(a+)+$')",
  ' and true',
  '/0',
  '/-',
  '/name',
  '/~1',
  '/~',
  '//',
  '/00',
  '/__proto__',
  '/constructor',
  '\0',
  '(',
  "'",
];

function patchOf({ json, fhirPath, merge }: Patches, random: Random): [string, unknown] {
  const some = <T>(items: readonly T[]) =>
    Array.from({ length: 1 + random.below(3) }, () => random.pick(items));
  return random.pick([
    (): [string, unknown] => ['application/json-patch+json', some(json)],
    (): [string, unknown] => ['application/fhir+json', parametersOf(...some(fhirPath))],
    (): [string, unknown] => ['application/merge-patch+json', random.pick(merge)],
  ])();
}

/** Puts something behind a path, or in the middle of it. */
function withOtherPath(request: WireRequest, random: Random): WireRequest {
  const paths = [
    ...request.body.toString().matchAll(/("(?:path|from)":|"name":"path","valueString":)"([^"]*)"/g),
  ];
  if (paths.length === 0) return request;
  const { index, 0: member, 2: path } = random.pick(paths) as RegExpExecArray & [string, string, string];
  const at = random.oneIn(2) ? path.length : random.below(path.length + 1);
  const other = path.slice(0, at) + random.pick(PATH_PARTS) + path.slice(at);
  const text = request.body.toString();
  const start = index + member.length - path.length - 2;
  return setBody(
    request,
    Buffer.from(text.slice(0, start) + JSON.stringify(other) + text.slice(start + path.length + 2)),
  );
}

/** A patch of a resource, now and then as it should be: the same bytes for a number each time. */
export function patchMutationOf(seed: number, number: number, target: string): Mutation {
  const random = randomOf(seed, number);
  const [type, body] = patchOf(target.startsWith('Patient') ? OF_PATIENT : OF_OBSERVATION, random);
  const headers: [string, string][] = [
    ['Host', 'localhost'],
    ['Authorization', TOKEN_PLACE],
    ['Connection', 'close'],
    ['Accept', 'application/fhir+json'],
    ['Content-Type', type],
  ];
  const good = setBody(
    { method: 'PATCH', target: `/fhir/R4/${target}`, headers, body: Buffer.alloc(0) },
    Buffer.from(JSON.stringify(body)),
  );
  const [name, request] = random.pick([
    (): [string, WireRequest] => ['as it should be', good],
    (): [string, WireRequest] => ['as it should be', good],
    (): [string, WireRequest] => ['another path', withOtherPath(good, random)],
    () => mutateBody(good, random),
    () => mutateBody(withOtherPath(good, random), random),
  ])();
  const bytes = wireBytes(request);
  return { number, name: `${type}, ${name}`, bytes, isHead: false, isWhole: true, mayGoUnanswered: false };
}
