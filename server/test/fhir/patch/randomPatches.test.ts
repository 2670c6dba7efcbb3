import { expect, test } from '@jest/globals';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { readJsonPatch } from '../../../src/fhir/patch/jsonPatch.ts';
import { readMergePatch } from '../../../src/fhir/patch/mergePatch.ts';
import { isJsonObject, sameContent } from '../../../src/fhir/patch/tree.ts';
import type { JsonObject, Resource } from '../../../src/fhir/resource.ts';
import { randomOf, type Random } from '../../acceptance/support/mutations/random.ts';
import { exactly } from './support.ts';

/** PATCH_SEED repeats a run, PATCH_RUNS makes it longer. */
const SEED = Number(process.env.PATCH_SEED ?? 20_261_123);
const RUNS = Number(process.env.PATCH_RUNS ?? 2_000);

const NUMBERS = ['0', '1', '1.0', '1.10', '-0', '1E400', '12345678901234567890', '0.1e-7'];
const NAMES = ['a', 'b', 'c', 'm~n', 'x/y', '~1', '', '0', '-', '__proto__', 'constructor', 'é'];

/** A JSON text, as numbers are texts. */
function jsonText(random: Random, depth: number): string {
  const kind = depth === 0 ? random.below(4) : random.below(8);
  if (kind < 2) return random.pick(NUMBERS);
  if (kind === 2) return random.pick(['true', 'false', 'null']);
  if (kind === 3) return JSON.stringify(random.pick(NAMES));
  const items = Array.from({ length: random.below(5) }, () => jsonText(random, depth - 1));
  if (kind < 6) return `[${items.join()}]`;
  const names = [...new Set(items.map(() => random.pick(NAMES)))];
  return `{${names.map((name, i) => `${JSON.stringify(name)}:${items[i]}`).join()}}`;
}

const documentText = (random: Random) =>
  `{"resourceType":"X","a":${jsonText(random, 4)},"b":${jsonText(random, 4)}}`;

const step = (name: string | number) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The operations that make one tree of another, chosen at random where there are several ways. */
function difference(from: unknown, to: unknown, path: string, random: Random): object[] {
  if (sameContent(from, to)) return random.oneIn(4) ? [{ op: 'test', path, value: to }] : [];
  if (isJsonObject(from) && isJsonObject(to) && !random.oneIn(8)) return ofObjects(from, to, path, random);
  if (Array.isArray(from) && Array.isArray(to) && !random.oneIn(8)) return ofArrays(from, to, path, random);
  return [{ op: 'replace', path, value: to }];
}

function ofObjects(from: JsonObject, to: JsonObject, path: string, random: Random): object[] {
  const operations: object[] = [];
  for (const name of Object.keys(from)) {
    const at = path + step(name);
    if (!Object.hasOwn(to, name)) operations.push({ op: 'remove', path: at });
    else operations.push(...difference(from[name], to[name], at, random));
  }
  for (const name of Object.keys(to)) {
    if (Object.hasOwn(from, name)) continue;
    const added = { op: 'add', path: path + step(name), value: to[name] };
    operations.push(added);
    // There and back again, by way of a copy: the same in the end.
    if (random.oneIn(3)) {
      operations.push({ op: 'copy', from: added.path, path: '/scratch' }, { op: 'remove', path: added.path });
      operations.push({ op: 'move', from: '/scratch', path: added.path });
    }
  }
  return operations;
}

function ofArrays(from: readonly unknown[], to: readonly unknown[], path: string, random: Random): object[] {
  const common = Math.min(from.length, to.length);
  const operations: object[] = [];
  for (let i = 0; i < common; i++) operations.push(...difference(from[i], to[i], path + step(i), random));
  for (let i = from.length - 1; i >= common; i--) operations.push({ op: 'remove', path: path + step(i) });
  for (let i = common; i < to.length; i++) {
    operations.push({ op: 'add', path: path + (random.oneIn(2) ? '/-' : step(i)), value: to[i] });
  }
  return operations;
}

test(`${RUNS} patches made of differences lead to what they were made for (PATCH_SEED=${SEED})`, () => {
  let operationCount = 0;
  for (let i = 0; i < RUNS; i++) {
    const random = randomOf(SEED, i);
    const [before, after] = [documentText(random), documentText(random)];
    const from = exactly(before);
    const operations = difference(from, exactly(after), '', random);
    const result = readJsonPatch(exactly(JSON.stringify(operations)))(from);
    expect({ i, same: sameContent(result, exactly(after)) }).toEqual({ i, same: true });
    expect(JSON.stringify(from)).toBe(JSON.stringify(exactly(before)));
    operationCount += operations.length;
  }
  expect(operationCount).toBeGreaterThan(RUNS);
});

test('a patch that fails at its last operation has changed nothing', () => {
  for (let i = 0; i < RUNS; i++) {
    const random = randomOf(SEED, i);
    const [before, after] = [documentText(random), documentText(random)];
    const from = exactly(before);
    const operations = [...difference(from, exactly(after), '', random), { op: 'remove', path: '/absent' }];
    expect(() => readJsonPatch(operations)(from)).toThrow(FhirError);
    expect(JSON.stringify(from)).toBe(JSON.stringify(exactly(before!)));
  }
});

/** The merge patch that makes one object of another, where there is one: none can set null. */
function mergeDifference(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = Object.create(null) as JsonObject;
  for (const name of Object.keys(from)) if (!Object.hasOwn(to, name)) patch[name] = null;
  for (const name of Object.keys(to)) {
    const [a, b] = [Object.hasOwn(from, name) ? from[name] : undefined, to[name]];
    if (isJsonObject(a) && isJsonObject(b)) patch[name] = mergeDifference(a, b);
    else if (!sameContent(a, b)) patch[name] = b;
  }
  return patch;
}

test(`${RUNS} merge patches, too, and twice is as once`, () => {
  for (let i = 0; i < RUNS; i++) {
    const random = randomOf(SEED, i);
    const [before, after] = [documentText(random), documentText(random)].map((text) =>
      text.replaceAll('null', '"null"'),
    );
    const from = exactly(before!);
    const apply = readMergePatch(exactly(JSON.stringify(mergeDifference(from, exactly(after!)))));
    const result = apply(from) as Resource;
    expect({ i, same: sameContent(result, exactly(after!)) }).toEqual({ i, same: true });
    expect({ i, same: sameContent(apply(result), exactly(after!)) }).toEqual({ i, same: true });
    expect(JSON.stringify(from)).toBe(JSON.stringify(exactly(before!)));
  }
});
