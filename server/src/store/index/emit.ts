import { foldString, rawString } from './fold.ts';
import { FORM, pair, type KeyHasher } from './keys.ts';
import { tokenVisit } from './emitToken.ts';
import { META_PATH, type SinkVisit, type Tools } from './emitTools.ts';
import type { MainQuantity } from './mainQuantity.ts';
import { selectsOne, type Slot, type SlotKind } from './slot.ts';
import { NOT_EXACT, type Key } from './rows.ts';
import { phoneticSuffixes } from './soundex.ts';
import { UNINDEXED_TYPES } from './unindexed.ts';
import { dateReader } from './values/date.ts';
import { asNumber, asObject, asText } from './values/json.ts';
import { NO_UNIT, numberReader, quantityReader, type QuantitySpan } from './values/quantity.ts';
import { referenceReader, canonicalTexts } from './values/reference.ts';
import { stringReader } from './values/text.ts';
import { isUriType } from './values/uri.ts';

/**
 * What to do with each value of a FHIR type on a slot's path: its presence and its rows.
 * @throws Error for a type that the slot's kind can neither index nor is known to leave out
 */
export function slotVisit(slot: Slot, type: string, tools: Tools): SinkVisit {
  const rows = rowsVisit(slot, type, tools);
  if (!rows && !UNINDEXED_TYPES[slot.kind]?.includes(type)) {
    throw new Error(`A ${slot.kind} parameter cannot index the ${type} at ${slot.text}`);
  }
  // Strings, numbers and dates show by their rows that there is a value; what has only keys says it by a key.
  const isKeyed = !rows || KEYED_KINDS.has(slot.kind);
  if (slot.required || !isKeyed) return rows ?? (() => undefined);
  const present = tools.hasher.key(slot.path, FORM.present, '');
  if (!rows) return (_value, sink) => void sink.keys.push(present);
  return (value, sink) => {
    sink.keys.push(present);
    rows(value, sink);
  };
}

/** Kinds whose values show by keys only. */
export const KEYED_KINDS: ReadonlySet<SlotKind> = new Set(['token', 'reference', 'uri']);

function rowsVisit(slot: Slot, type: string, tools: Tools): SinkVisit | undefined {
  switch (slot.kind) {
    case 'token':
      return tokenVisit(slot, type, tools);
    case 'reference':
      return referenceVisit(slot, type, tools);
    case 'uri':
      return uriVisit(slot, type, tools);
    case 'string':
      return stringVisit(slot, type, tools);
    case 'phonetic':
      return phoneticVisit(slot, type);
    case 'date':
      return dateVisit(slot, type);
    case 'number':
      return numberVisit(slot, type);
    case 'quantity':
      return quantityVisit(slot, type, tools);
    case 'special':
      return positionVisit(slot, tools);
  }
}

function referenceVisit(slot: Slot, type: string, { hasher, ownBase }: Tools): SinkVisit | undefined {
  const read = referenceReader(type, ownBase);
  if (!read) return undefined;
  const presentAs = new Map([...slot.restrictedTo].map((t) => [t, hasher.key(slot.path, FORM.present, t)]));
  return (value, sink) => {
    const reference = read(value);
    if (!reference) return;
    for (const text of reference.texts) sink.keys.push(hasher.key(slot.path, FORM.reference, text));
    const { containedId } = reference;
    const inside = containedId === undefined ? undefined : sink.inside.of(containedId);
    if (inside !== undefined && sink.inside.container === sink.resource)
      (sink.local ??= []).push({ path: slot.text, id: containedId! });
    const target = inside ?? reference.targetType ?? '';
    const present = presentAs.get(target);
    if (present !== undefined) sink.keys.push(present);
    for (const { form, text } of reference.identifier) {
      sink.keys.push(hasher.key(slot.path, form, text));
      // For parameters that are limited to the type, which is not seen in an identifier.
      if (present !== undefined) sink.keys.push(hasher.key(slot.path, form, pair(target, text)));
    }
    const last = reference.texts.at(-1);
    if (slot.patient && sink.patient === null && last?.startsWith('Patient/')) {
      sink.patient = hasher.self(last);
    }
  };
}

function uriVisit(slot: Slot, type: string, { hasher }: Tools): SinkVisit | undefined {
  if (!isUriType(type)) return undefined;
  const withRows = !slot.text.startsWith(META_PATH);
  return (value, sink) => {
    const uri = asText(value);
    if (uri === undefined) return;
    const texts = type === 'canonical' ? canonicalTexts(uri) : [uri];
    for (const text of texts) sink.keys.push(hasher.key(slot.path, FORM.reference, text));
    if (withRows) sink.strings.push({ param: slot.path.key, value: rawString(uri), exact: NOT_EXACT });
  };
}

function stringVisit(slot: Slot, type: string, { hasher }: Tools): SinkVisit | undefined {
  const read = stringReader(type);
  return (
    read &&
    ((value, sink) => {
      for (const text of read(value)) {
        const exact = hasher.key(slot.path, FORM.exact, text);
        sink.strings.push({ param: slot.path.key, value: foldString(text), exact });
      }
    })
  );
}

function phoneticVisit(slot: Slot, type: string): SinkVisit | undefined {
  const read = stringReader(type);
  return (
    read &&
    ((value, sink) => {
      for (const text of read(value)) {
        for (const sound of phoneticSuffixes(text))
          sink.strings.push({ param: slot.derivedPath.key, value: sound, exact: NOT_EXACT });
      }
    })
  );
}

function dateVisit(slot: Slot, type: string): SinkVisit | undefined {
  const read = dateReader(type, slot.text);
  if (!read) return undefined;
  return (value, sink) => {
    const span = read(value);
    if (!span) return;
    if (!slot.mainDate) {
      sink.ranges.push({ param: slot.path.key, lo: span.loMs, hi: span.hiMs, unit: NO_UNIT });
      return;
    }
    sink.dateLoMs = Math.min(sink.dateLoMs ?? span.loMs, span.loMs);
    sink.dateHiMs = Math.max(sink.dateHiMs ?? span.hiMs, span.hiMs);
  };
}

function numberVisit(slot: Slot, type: string): SinkVisit | undefined {
  const read = numberReader(type);
  return (
    read &&
    ((value, sink) => {
      const span = read(value);
      if (span) sink.ranges.push({ param: slot.path.key, lo: span.lo, hi: span.hi, unit: NO_UNIT });
    })
  );
}

function quantityVisit(slot: Slot, type: string, { hasher, units, converter }: Tools): SinkVisit | undefined {
  const read = quantityReader(type, units, converter);
  const isSingle = selectsOne(slot);
  return (
    read &&
    ((value, sink) => {
      const spans = read(value);
      if (slot.mainQuantity && spans.length > 0) sink.quantities.push(mainQuantity(spans));
      for (const { lo, hi, unit, canonical, printed } of spans) {
        const param = canonical ? slot.derivedPath.key : slot.path.key;
        // Where there is one quantity, a key does to tell its printed unit; of several it must stand with its value.
        if (printed !== undefined && isSingle) sink.keys.push(hasher.key(slot.path, FORM.unit, printed));
        else sink.ranges.push({ param, lo, hi, unit });
      }
    })
  );
}

/** Only an exact number can be told by one. */
function mainQuantity(spans: readonly QuantitySpan[]): MainQuantity {
  const exact = (span: QuantitySpan | undefined) =>
    span !== undefined && span.lo === span.hi ? Math.fround(span.lo) : NaN;
  return {
    written: exact(spans.find(({ canonical }) => !canonical)),
    base: exact(spans.find(({ canonical }) => canonical)),
  };
}

/** `near`, the only special parameter of R4 with an expression: two numbers, for a bounding box. */
function positionVisit(slot: Slot, { hasher }: Tools): SinkVisit {
  const axes = ['latitude', 'longitude'].map((name) => ({ name, param: axisParam(hasher, slot.text, name) }));
  return (value, sink) => {
    for (const { name, param } of axes) {
      const degrees = asNumber(asObject(value)?.[name]);
      if (degrees !== undefined) sink.ranges.push({ param, lo: degrees, hi: degrees, unit: NO_UNIT });
    }
  };
}

/** `param` of a position's latitude or longitude, in degrees. */
export function axisParam(hasher: KeyHasher, path: string, axis: string): Key {
  return hasher.pathKey(`${path}#${axis}`).key;
}
