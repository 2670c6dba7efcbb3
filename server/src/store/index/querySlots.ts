import { fhirError } from '../../fhir/outcome.ts';
import { foldString, rawString } from './fold.ts';
import { FORM, pair, type Form, type KeyHasher } from './keys.ts';
import { axisParam, KEYED_KINDS } from './emit.ts';
import { META_PATH } from './emitTools.ts';
import type { ParameterPlan, ParameterSlot } from './plan.ts';
import type { Slot, SlotKind } from './slot.ts';
import type { Key } from './rows.ts';
import { phoneticText } from './soundex.ts';
import { canRead } from './values/canRead.ts';
import { targetTypeOf, withoutOwnBase } from './values/reference.ts';
import { ENGINE_TYPES, formsFor, tokenForm, type TokenType, type TokenValue } from './tokenForms.ts';
import { ofTypeText } from './values/token.ts';

export type { TokenValue } from './tokenForms.ts';

type Slots = readonly ParameterSlot[];

/** Where the ordered table holds what has a token. */
export interface OrderedKeys {
  /** Of the code, whatever its system. */
  keys: Key[];
  /** What they lead to has the token. Otherwise it may have the code of another system. */
  isExact: boolean;
}

/** Where it shows that a parameter has a value: any of these. */
export interface Presence {
  /** In the keys. */
  keys: Key[];
  /** As `param` of the string and of the range rows. */
  strings: Key[];
  ranges: Key[];
  /** In the date columns. */
  mainDate: boolean;
}

export interface SlotQuery {
  tokenKeys(slots: Slots, token: TokenValue): Key[];
  orderedKeys(slots: Slots, token: TokenValue): OrderedKeys | undefined;
  ofTypeKeys(slots: Slots, typeSystem: string, typeCode: string, value: string): Key[];
  /** `targets`: types that the parameter allows; absent: all. */
  referenceKeys(
    slots: Slots,
    targets: readonly string[] | undefined,
    value: string,
    targetType?: string,
  ): Key[];
  /** The texts by which a reference is indexed, any of which may be meant. */
  referenceTexts(
    allowed: readonly string[],
    isCanonical: boolean,
    value: string,
    targetType?: string,
  ): string[];
  identifierKeys(slots: Slots, token: TokenValue): Key[];
  uriKeys(slots: Slots, uri: string): Key[];
  stringPrefix(slots: Slots, value: string): { params: Key[]; prefix: string };
  uriPrefix(slots: Slots, value: string): { params: Key[]; prefix: string };
  /** String rows whose value is `folded` and whose exact key is one of `exact`. */
  exactStrings(slots: Slots, value: string): { params: Key[]; folded: string; exact: Key[] };
  presence(plan: ParameterPlan): Presence | 'always';
}

/** FHIR types of a slot's values; of a path that an engine runs, both sorts of token are possible. */
export function typesOf(slot: Slot): string[] {
  return tokenTypesOf(slot).map(({ type }) => type);
}

/** The same with the codes that there may be. */
function tokenTypesOf(slot: Slot): readonly TokenType[] {
  if (slot.branch.existsUnlessFalse) return [{ type: 'boolean' }];
  return slot.resolved ?? ENGINE_TYPES;
}

const LOGICAL: Partial<Record<Form, Form>> = {
  [FORM.systemCode]: FORM.identifierSystemValue,
  [FORM.code]: FORM.identifierValue,
  [FORM.noSystemCode]: FORM.identifierNoSystemValue,
  [FORM.system]: FORM.identifierSystem,
};

/** Looks the values of a query up on the slots of a parameter. */
export function slotQuery(
  hasher: KeyHasher,
  resourceTypes: readonly string[],
  ownBase: string | undefined,
): SlotQuery {
  const keys = (slots: Slots, form: Form, text: string) =>
    unique(slots.map(({ slot }) => hasher.key(slot.path, form, text)));

  function tokenKeys(slots: Slots, token: TokenValue): Key[] {
    return unique(
      slots.flatMap(({ slot }) =>
        formsFor(tokenTypesOf(slot), token).map(({ form, text }) => hasher.key(slot.path, form, text)),
      ),
    );
  }

  function orderedKeys(slots: Slots, token: TokenValue): OrderedKeys | undefined {
    const { code } = token;
    if (code === undefined || !slots.every(({ slot }) => slot.ordered)) return undefined;
    const held = keys(slots, FORM.code, code);
    const exact = tokenKeys(slots, token);
    return { keys: held, isExact: held.every((key) => exact.includes(key)) };
  }

  function referenceTexts(
    allowed: readonly string[],
    isCanonical: boolean,
    value: string,
    targetType?: string,
  ) {
    const text = withoutOwnBase(value, ownBase);
    if (/[/:]/.test(text)) return [text];
    const targets = targetType === undefined ? allowed : allowed.filter((type) => type === targetType);
    const texts = targets.map((type) => `${type}/${text}`);
    return isCanonical ? [...texts, text] : texts;
  }

  function referenceKeys(
    slots: Slots,
    targets: readonly string[] | undefined,
    value: string,
    targetType?: string,
  ) {
    const anywhere = targets === undefined || targets.includes('Resource');
    const found = slots.flatMap(({ slot, target }) => {
      const allowed = target === undefined ? (anywhere ? resourceTypes : targets) : [target];
      const isCanonical = typesOf(slot).some((type) => type !== 'Reference');
      return referenceTexts(allowed, isCanonical, value, targetType)
        .filter((text) => mayPointAt(text, target) && mayPointAt(text, targetType))
        .map((text) => hasher.key(slot.path, FORM.reference, text));
    });
    return unique(found);
  }

  function stringPrefix(slots: Slots, value: string): { params: Key[]; prefix: string } {
    const phonetic = slots.some(({ slot }) => slot.kind === 'phonetic');
    const prefix = phonetic ? phoneticText(value) : foldString(value);
    const params = slots.map(({ slot }) => (phonetic ? slot.derivedPath.key : slot.path.key));
    // Where folding leaves nothing (a lone accent), nothing is asked for: every string would begin with it.
    return { params: prefix === '' ? [] : unique(params), prefix };
  }

  return {
    tokenKeys,
    orderedKeys,
    referenceKeys,
    referenceTexts,
    identifierKeys: (slots, token) => identifierKeys(hasher, slots, token),
    stringPrefix,
    presence: (plan) => presence(hasher, plan),
    ofTypeKeys: (slots, typeSystem, typeCode, value) =>
      keys(slots, FORM.ofType, ofTypeText(typeSystem, typeCode, value)),
    uriKeys: (slots, uri) => keys(slots, FORM.reference, uri),
    exactStrings: (slots, value) => ({
      params: unique(slots.map(({ slot }) => slot.path.key)),
      folded: foldString(value),
      exact: keys(slots, FORM.exact, value),
    }),
    uriPrefix: (slots, value) => ({
      params: unique(
        slots.filter(({ slot }) => !slot.text.startsWith(META_PATH)).map(({ slot }) => slot.path.key),
      ),
      prefix: rawString(value),
    }),
  };
}

/** A parameter that is limited to one target type is found by identifiers of references to that type only. */
function identifierKeys(hasher: KeyHasher, slots: Slots, token: TokenValue): Key[] {
  const { form, text } = tokenForm(token);
  const logical = LOGICAL[form];
  if (logical === undefined) return [];
  return unique(
    slots.map(({ slot, target }) =>
      hasher.key(slot.path, logical, target === undefined ? text : pair(target, text)),
    ),
  );
}

/** A parameter that is limited to one target type has a value only where a reference is to that type. */
function presence(hasher: KeyHasher, { definition, slots }: ParameterPlan): Presence | 'always' {
  if (definition.type === 'composite') {
    throw fhirError('incorrect', 'not-supported', 'A composite parameter takes no modifier :missing.');
  }
  if (slots.some(({ slot, target }) => slot.required && target === undefined)) return 'always';
  const latitudes = slots
    .filter(({ slot }) => slot.kind === 'special')
    .map(({ slot }) => axisParam(hasher, slot.text, 'latitude'));
  const paramsOf = (kinds: readonly SlotKind[]) =>
    unique(
      slots
        .filter(({ slot }) => kinds.includes(slot.kind) && !slot.mainDate)
        .map(({ slot }) => slot.path.key),
    );
  // A range whose ends are of different units has but its row in base units.
  const inBaseUnits = slots
    .filter(({ slot }) => slot.kind === 'quantity')
    .map(({ slot }) => slot.derivedPath.key);
  return {
    keys: unique(
      slots
        .filter(({ slot }) => saysByKey(slot))
        .map(({ slot, target }) => hasher.key(slot.path, FORM.present, target ?? '')),
    ),
    strings: paramsOf(['string', 'phonetic']),
    ranges: [...paramsOf(['date', 'number', 'quantity']), ...unique(inBaseUnits), ...latitudes],
    mainDate: slots.some(({ slot }) => slot.mainDate),
  };
}

/** Whether some values of a slot show by a key: those without rows, and kinds that have but keys (`slotVisit`). */
function saysByKey({ kind, resolved }: Slot): boolean {
  return KEYED_KINDS.has(kind) || (resolved?.some(({ type }) => !canRead(kind, type)) ?? true);
}

/** Whether a reference may be one to a type: its own type is another only where it names one. */
function mayPointAt(text: string, type: string | undefined): boolean {
  return type === undefined || (targetTypeOf(text) ?? type) === type;
}

function unique<T>(values: T[]): T[] {
  return [...new Set(values)];
}
