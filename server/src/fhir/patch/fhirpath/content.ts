import type { JsonObject } from '../../resource.ts';
import { member, setMember } from '../tree.ts';
import { companionName } from './elements.ts';

/** What is put in the place of an element, or into a list, as JSON. */
export interface Content {
  /** JSON property that it stands in. */
  name: string;
  /** Undefined for a primitive that has only extensions. */
  json: unknown;
  /** Id and extensions of a primitive, if it has any. */
  companion: unknown;
}

/** Whether an object has a value, or extensions instead, under a name. */
export const has = (object: JsonObject, name: string) =>
  isThere(member(object, name)) || isThere(member(object, companionName(name)));

/** How many items a list has; none where there is no list. */
export function itemCount(object: JsonObject, name: string): number {
  const values = arrayOf(member(object, name));
  return Math.max(values.length, arrayOf(member(object, companionName(name))).length);
}

/** Sets an element that is in no list, in the place of what is there under the same name. */
export function setContent(object: JsonObject, { name, json, companion }: Content): void {
  setOrRemove(object, name, json);
  setOrRemove(object, companionName(name), companion);
}

/** Removes an element that is in no list. */
export function removeContent(object: JsonObject, name: string): void {
  setContent(object, { name, json: undefined, companion: undefined });
}

/** Puts an item into a list, which is made where there is none. */
export function insertItem(object: JsonObject, index: number, { name, json, companion }: Content): void {
  const { values, companions } = listOf(object, name, isThere(companion));
  values.splice(index, 0, json ?? null);
  companions?.splice(index, 0, companion ?? null);
  keep(object, name, values, companions);
}

/** Puts something else in the place of an item. */
export function setItem(object: JsonObject, index: number, { name, json, companion }: Content): void {
  const { values, companions } = listOf(object, name, isThere(companion));
  values[index] = json ?? null;
  if (companions !== undefined) companions[index] = companion ?? null;
  keep(object, name, values, companions);
}

export function removeItem(object: JsonObject, name: string, index: number): void {
  const { values, companions } = listOf(object, name, false);
  values.splice(index, 1);
  companions?.splice(index, 1);
  keep(object, name, values, companions);
}

/** Moves an item to the index that it has afterwards. */
export function moveItem(object: JsonObject, name: string, from: number, to: number): void {
  const { values, companions } = listOf(object, name, false);
  values.splice(to, 0, ...values.splice(from, 1));
  companions?.splice(to, 0, ...companions.splice(from, 1));
  keep(object, name, values, companions);
}

/** The values of a list, and as many companions if there are any. */
function listOf(object: JsonObject, name: string, withCompanions: boolean) {
  const values = arrayOf(member(object, name));
  const present = member(object, companionName(name));
  if (!withCompanions && present === undefined) return { values, companions: undefined };
  const companions = arrayOf(present);
  while (companions.length < values.length) companions.push(null);
  while (values.length < companions.length) values.push(null);
  return { values, companions };
}

/** FHIR has no empty lists, and no companions without anything in them. */
function keep(object: JsonObject, name: string, values: unknown[], companions: unknown[] | undefined): void {
  const isNeeded = companions?.some(isThere) ?? false;
  if (companions !== undefined) setOrRemove(object, companionName(name), isNeeded ? companions : undefined);
  setOrRemove(object, name, values.length > 0 ? values : undefined);
}

function setOrRemove(object: JsonObject, name: string, value: unknown): void {
  if (isThere(value)) setMember(object, name, value);
  else delete object[name];
}

const arrayOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isThere = (value: unknown) => value !== undefined && value !== null;
