import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { Elements, type PlacedElement } from '../../../src/fhir/patch/fhirpath/elements.ts';
import { PatchPath } from '../../../src/fhir/patch/fhirpath/paths.ts';
import { Work } from '../../../src/fhir/patch/work.ts';
import { createPathEngine, type PathEngine } from '../../../src/fhir/path/engine.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { randomOf, type Random } from '../../acceptance/support/mutations/random.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';

const SEED = 20_261_122;
const RESOURCES = 250;
const PATHS_OF_EACH = 6;
const BYTES_MAX = 30_000;

let definitions: Definitions;
let engine: PathEngine;
beforeAll(async () => {
  definitions = await r4Definitions();
  engine = createPathEngine();
});

const archive = sharedPath('data/r4-examples-4.0.1.tgz');

/** Some examples of the specification, chosen by the seed. */
function examples(file: string): Resource[] {
  const all = [...archivedFiles(file)].filter(
    ({ name, content }) => isExample(name) && content.length < BYTES_MAX,
  );
  const random = randomOf(SEED, 0);
  return Array.from(
    { length: RESOURCES },
    () => JSON.parse(random.pick(all).content.toString()) as Resource,
  ).filter(({ resourceType }) => definitions.isResourceType(resourceType));
}

const isExample = (name: string) => name.endsWith('.json') && !/package\.json|\.index/.test(name);

/** A path down to some element that is there, with an index, a type or a comparison here and there. */
function somePath(elements: Elements, random: Random): string {
  let at = elements.root;
  let path = random.oneIn(4) ? '' : at.type;
  for (let depth = 0; depth < 6; depth++) {
    const child = someChild(elements, at, random);
    if (child === undefined) break;
    path += `${path === '' ? '' : '.'}${child.definition!.name}`;
    if (child.definition!.choice && random.oneIn(2)) path += `.ofType(${child.type})`;
    path += filterOf(elements, child, random);
    at = child;
    if (random.oneIn(4)) break;
  }
  return path;
}

function someChild(elements: Elements, at: PlacedElement, random: Random): PlacedElement | undefined {
  const present = at.children.flatMap(({ name }) => [...elements.childrenNamed(at, name)]);
  return present.length === 0 ? undefined : random.pick(present);
}

function filterOf(elements: Elements, element: PlacedElement, random: Random): string {
  if (random.oneIn(3)) return `[${random.below(3)}]`;
  const child = someChild(elements, element, random);
  const value = child && elements.value(child);
  if (typeof value !== 'string' || /[\\'\n]/.test(value) || value.length > 100 || !random.oneIn(2)) return '';
  return `.where(${child!.definition!.name} = '${value}')`;
}

/** Where elements stand, as a text. */
const placeOf = (element: PlacedElement): string =>
  element.parent === undefined
    ? ''
    : `${placeOf(element.parent)}/${element.name}${element.index === undefined ? '' : `/${element.index}`}`;

(archive ? describe : describe.skip)('paths that are walked', () => {
  test('lead to what the engine finds, in resources of all kinds', () => {
    let found = 0;
    let several = 0;
    examples(archive!).forEach((resource, i) => {
      const elements = new Elements(definitions, resource);
      for (let j = 0; j < PATHS_OF_EACH; j++) {
        const path = somePath(elements, randomOf(SEED + i, j));
        if (/\bdiv\b/.test(path)) continue; // no name to the engine
        const never = () => {
          throw new Error(`the engine is asked for ${path}`);
        };
        const walked = new PatchPath(
          path,
          definitions,
          () => (/where/.test(path) ? engine : never()),
          new Work(),
        ).locate(elements, new Work());
        // By a function that does nothing, which only the engine knows.
        const evaluated = new PatchPath(`${path}.skip(0)`, definitions, () => engine, new Work()).locate(
          elements,
          new Work(),
        );
        expect({ path, at: walked.map(placeOf) }).toEqual({ path, at: evaluated.map(placeOf) });
        if (walked.length > 0) found++;
        if (walked.length > 1) several++;
      }
    });
    // Were nothing found, nothing would be tested.
    expect(found).toBeGreaterThan((RESOURCES * PATHS_OF_EACH) / 2);
    expect(several).toBeGreaterThan(RESOURCES / 10);
  });
});
