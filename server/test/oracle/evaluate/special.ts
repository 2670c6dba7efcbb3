import { satisfies } from './comparison.ts';
import type { Context, Test } from './context.ts';
import { dateComparison, dateRange } from './dates.ts';
import { contentTest, narrativeTest } from './fullText.ts';
import { pointer, targetsOf } from './pointers.ts';
import { splitAt, unescape } from './split.ts';
import { list, nameOf, object, type Stored } from './world.ts';

type Special = (context: Context, modifier: string | undefined, value: string) => Test;

/** Parameters of every type whose values no path gives (search.html#all). */
export const SPECIAL: Readonly<Partial<Record<string, Special>>> = {
  _id: (_context, modifier, value) => {
    const ids = splitAt(value, ',').map(unescape);
    return ({ id }) => ids.includes(id) !== (modifier === 'not');
  },
  _lastUpdated: ({ now }, _modifier, value) => {
    const asked = splitAt(value, ',').map((one) => dateComparison(one, now));
    // What is contained has no time of its own.
    return (one) =>
      !one.container && asked.some((comparison) => satisfies(dateRange(lastUpdatedOf(one)), comparison));
  },
  _list: (context, _modifier, value) => {
    const names = new Set(splitAt(value, ',').flatMap((id) => entriesOf(context, unescape(id))));
    return (one) => names.has(nameOf(one));
  },
  _text: (_context, _modifier, value) => anyOf(value, narrativeTest),
  _content: (_context, _modifier, value) => anyOf(value, contentTest),
};

export const lastUpdatedOf = ({ resource }: Stored): string => String(object(resource.meta)?.lastUpdated);

/** What a List names, but for entries that are marked as deleted from it (search.html#list). */
function entriesOf({ world }: Context, id: string): string[] {
  const found = world.get(`List/${id.replace(/^List\//, '')}`);
  const entries = list(found?.resource.entry)
    .map(object)
    .filter((entry) => entry?.deleted !== true);
  return entries.flatMap((entry) => {
    const item = found && pointer(world, found, { type: 'Reference', value: entry?.item });
    return item ? targetsOf(world, item).map(nameOf) : [];
  });
}

function anyOf(value: string, test: (asked: string) => Test): Test {
  const tests = splitAt(value, ',').map((one) => test(unescape(one)));
  return (one) => tests.some((each) => each(one));
}
