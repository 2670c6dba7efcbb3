import { CODES, SYSTEMS } from '../../data/pools.ts';
import type { Random } from '../../data/random.ts';
import type { Typed } from '../../evaluate/paths.ts';
import { textsOf } from '../../evaluate/tokens.ts';
import { list, object, text } from '../../evaluate/world.ts';
import { escape } from '../source.ts';
import { beginning } from './string.ts';

/** A token to search by, from a value that a resource has. */
export function tokenText(random: Random, { type, value }: Typed, systemAlone = true): string {
  const json = object(value);
  if (!json)
    return escape(type === 'string' && random.chance(0.3) ? String(value).toUpperCase() : String(value));
  const coding = type === 'CodeableConcept' ? object(random.pick([...list(json.coding), {}])) : json;
  const name = type === 'Identifier' || type === 'ContactPoint' ? 'value' : 'code';
  const code = escape(text(coding?.[name]) ?? random.pick(CODES));
  const system = escape(text(coding?.system) ?? random.pick(SYSTEMS));
  return random.weighted([
    [40, code],
    [40, `${system}|${code}`],
    [10, `|${code}`],
    [systemAlone ? 8 : 0, `${system}|`],
    [5, `${escape(random.pick(SYSTEMS))}|${code}`],
  ]);
}

/** `system|code|value` for `:of-type`. */
export function ofTypeText(random: Random, { value }: Typed): string {
  const identifier = object(value);
  const coding = object(list(object(identifier?.type)?.coding)[0]);
  const parts = [coding?.system ?? random.pick(SYSTEMS), coding?.code ?? 'MR', identifier?.value ?? '1'];
  return parts.map((part) => escape(String(part))).join('|');
}

/** The beginning of a text that stands beside a token, for `:text`. */
export function tokenTextText(random: Random, typed: Typed): string {
  return escape(beginning(random, random.pick([...textsOf(typed), 'Blood'])));
}
