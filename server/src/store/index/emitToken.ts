import { pair, type KeyHasher, type PathKey } from './keys.ts';
import type { SinkVisit, Tools } from './emitTools.ts';
import type { Slot } from './slot.ts';
import type { Key } from './rows.ts';
import type { Sink } from './sink.ts';
import { asObject, asText, items } from './values/json.ts';
import { codingForms, tokenReader, type TokenForm } from './values/token.ts';

/** The keys of a token's forms; undefined for types that are no tokens. */
export function tokenVisit(slot: Slot, type: string, { hasher }: Tools): SinkVisit | undefined {
  const read = tokenReader(type);
  if (!read) return undefined;
  const keysOf = (forms: readonly TokenForm[]) =>
    forms.map(({ form, text }) => hasher.key(slot.path, form, text));
  if (type === 'CodeableConcept' || type === 'Coding') return codedVisit(slot, type, hasher, keysOf);
  const repeats = type === 'code' || type === 'boolean';
  return (value, sink) => {
    const keys = repeats
      ? remembered(hasher, slot.path, String(value), () => keysOf(read(value)))
      : keysOf(read(value));
    push(sink, keys, slot.ordered);
  };
}

/** The hot path: codings repeat, so that their keys are nearly always remembered. */
function codedVisit(
  slot: Slot,
  type: string,
  hasher: KeyHasher,
  keysOf: (forms: readonly TokenForm[]) => readonly Key[],
): SinkVisit {
  const coding: SinkVisit = (value, sink) => {
    const object = asObject(value);
    if (!object) return;
    const [system, code] = [asText(object['system']), asText(object['code'])];
    const name = pair(system ?? '', code ?? '');
    push(
      sink,
      remembered(hasher, slot.path, name, () => keysOf(codingForms(system, code))),
      code !== undefined && slot.ordered,
    );
  };
  if (type === 'Coding') return coding;
  return (value, sink) => {
    for (const item of items(asObject(value)?.['coding'])) coding(item, sink);
  };
}

function remembered(
  hasher: KeyHasher,
  path: PathKey,
  name: string,
  make: () => readonly Key[],
): readonly Key[] {
  const id = path.name + name;
  let keys = hasher.memo.get(id);
  if (keys === undefined) hasher.memo.set(id, (keys = make()));
  return keys;
}

/** Of a token's forms, lists are ordered by `code`, which comes first. */
function push(sink: Sink, keys: readonly Key[], ordered: boolean): void {
  for (const key of keys) sink.keys.push(key);
  if (ordered && keys.length > 0) sink.ordered.push(keys[0]!);
}
