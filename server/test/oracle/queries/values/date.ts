import { DATES, DATE_TIMES } from '../../data/pools.ts';
import type { Random } from '../../data/random.ts';
import type { Typed } from '../../evaluate/paths.ts';
import { list, object } from '../../evaluate/world.ts';
import { prefix } from './prefix.ts';

/** A date with a prefix, from a value that a resource has: the same, less precise, or in another zone. */
export function dateText(random: Random, typed: Typed, withPrefix = true): string {
  const written = random.pick([...datesIn(typed), random.pick([...DATES, ...DATE_TIMES])]);
  return (
    (withPrefix ? prefix(random) : '') +
    random.pick([written, written, lessPrecise(random, written), shifted(written)])
  );
}

function datesIn({ value }: Typed): string[] {
  const json = object(value);
  const bounds = object(object(json?.repeat)?.boundsPeriod);
  const found = json ? [json.start, json.end, ...list(json.event), bounds?.start, bounds?.end] : [value];
  return found.filter((one): one is string => typeof one === 'string' && /^\d{4}/.test(one));
}

/** Cut at one of the places where a date may end; a time keeps its zone. */
function lessPrecise(random: Random, written: string): string {
  const [, day = '', time, zone = ''] = /^([\d-]+)(?:T([\d:.]+)(.*))?$/.exec(written) ?? [];
  const days = [4, 7, 10].filter((length) => length <= day.length).map((length) => day.slice(0, length));
  const times = [5, 8, 10]
    .filter((length) => length <= (time?.length ?? 0))
    .map((length) => time!.slice(0, length));
  return random.pick([...days, ...times.map((one) => `${day}T${one}${zone}`)]);
}

/** The same moment as a clock in another zone shows it. */
function shifted(written: string): string {
  if (!/T.*Z$/.test(written) || written.includes(':60')) return written;
  const other = new Date(Date.parse(written) + 5.5 * 3_600_000).toISOString();
  const [, fraction = ''] = /(\.\d+)Z$/.exec(written) ?? [];
  return `${other.slice(0, 19)}${fraction}+05:30`;
}
