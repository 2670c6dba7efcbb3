import type { JsonObject } from '../fhir/resource.ts';

const LISTS = ['profile', 'security', 'tag'] as const;
type List = (typeof LISTS)[number];

/**
 * Adds the profiles, security labels and tags of one meta to another, in place. They are sets: what is there stays as it
 * is (http://hl7.org/fhir/R4/resource-operation-meta-add.html). Both metas may be exact JSON.
 *
 * @returns whether anything was added
 */
export function addLabels(meta: JsonObject, added: JsonObject): boolean {
  let hasChanged = false;
  for (const list of LISTS) {
    const labels = labelsOf(meta, list);
    const known = new Set(labels.map(({ identity }) => identity));
    const count = labels.length;
    for (const label of labelsOf(added, list)) {
      if (known.has(label.identity)) continue;
      known.add(label.identity);
      labels.push(label);
    }
    if (labels.length === count) continue;
    setLabels(meta, list, labels);
    hasChanged = true;
  }
  return hasChanged;
}

/**
 * Takes the profiles, security labels and tags of one meta out of another, in place; those that are not there do not
 * matter (http://hl7.org/fhir/R4/resource-operation-meta-delete.html).
 *
 * @returns whether anything was taken out
 */
export function deleteLabels(meta: JsonObject, deleted: JsonObject): boolean {
  let hasChanged = false;
  for (const list of LISTS) {
    const gone = new Set(labelsOf(deleted, list).map(({ identity }) => identity));
    const labels = labelsOf(meta, list);
    const left = labels.filter(({ identity }) => !gone.has(identity));
    if (left.length === labels.length) continue;
    setLabels(meta, list, left);
    hasChanged = true;
  }
  return hasChanged;
}

interface Label {
  identity: string;
  value: unknown;
  /** Of a profile: what stands beside the text (`_profile`). */
  sibling: unknown;
}

/** A tag is the same when system and code are; version and display do not matter. A profile is its whole URL. */
function labelsOf(meta: JsonObject, list: List): Label[] {
  const values = (meta[list] ?? []) as unknown[];
  const siblings = (meta[`_${list}`] ?? []) as unknown[];
  const length = Math.max(values.length, siblings.length);
  return Array.from({ length }, (_, i) => {
    const value = values[i] ?? null;
    const sibling = siblings[i] ?? null;
    return { value, sibling, identity: identityOf(list, value, sibling) };
  });
}

function identityOf(list: List, value: unknown, sibling: unknown): string {
  if (value === null) return JSON.stringify([null, sibling]);
  if (list === 'profile') return JSON.stringify(value);
  const { system, code } = value as JsonObject;
  return JSON.stringify([system ?? null, code ?? null]);
}

function setLabels(meta: JsonObject, list: List, labels: readonly Label[]): void {
  delete meta[list];
  delete meta[`_${list}`];
  if (labels.some(({ value }) => value !== null)) meta[list] = labels.map(({ value }) => value);
  if (labels.some(({ sibling }) => sibling !== null)) meta[`_${list}`] = labels.map(({ sibling }) => sibling);
}
