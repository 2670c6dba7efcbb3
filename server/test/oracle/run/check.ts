import type { Context } from '../evaluate/context.ts';
import { search, type Expected } from '../evaluate/search.ts';
import { nameOf } from '../evaluate/world.ts';
import { encodedPlainly } from '../queries/encode.ts';
import type { Pair } from '../queries/parameter.ts';
import type { Query } from '../queries/query.ts';
import { namesOf, readPage, type Page } from './bundle.ts';
import { ask, withBase } from './ask.ts';
import { checkEntries } from './entries.ts';
import { checkRefused, checkRemark } from './wrong.ts';
import type { Client } from './client.ts';
import { requireSame, requireSameSet } from './require.ts';

export interface Outcome {
  /** How many resources the evaluator found. */
  found: number;
  /** Where server and evaluator disagree, in words; absent where they agree. */
  disagreement?: string;
}

/** Asks server and evaluator the same, page by page where the query says so. */
export async function check(client: Client, context: Context, query: Query): Promise<Outcome> {
  let found = 0;
  try {
    const answer = await ask(client, query);
    if (query.wrong && !(query.wrong.isLenient && query.wrong.canBeLeftOut)) {
      checkRefused(query.wrong, answer);
      return { found };
    }
    const expected = search(context, `${query.path}?${withBase(client, evaluated(query))}`);
    found = expected.matches.length;
    const page = readPage(answer);
    if (query.wrong) checkRemark(query.wrong, page);
    if (query.pageSize === 0) checkCount(page, found);
    else await checkPages(client, context, query, expected, page);
    if (query.asksSelf) await checkSelf(client, page);
  } catch (error) {
    return { found, disagreement: (error as Error).message };
  }
  return { found };
}

/** The query string that the evaluator reads: as it is sent, but for what the server is to leave out. */
const evaluated = (query: Query): string => (query.wrong ? encodedPlainly(usedPairs(query)) : query.query);

const usedPairs = ({ pairs, wrong }: Query): readonly Pair[] => pairs.filter((pair) => pair !== wrong?.pair);

/** Only the number of matches, and nothing else (search.html#count, search.html#summary). */
function checkCount({ matches, included, total, next, previous }: Page, found: number): void {
  if (total !== found) throw new Error(`Bundle.total is ${total}, expected ${found}`);
  const isBare = matches.length + included.length === 0 && next === undefined && previous === undefined;
  if (!isBare) throw new Error('expected only a total, but there are entries or links to pages');
}

async function checkPages(
  client: Client,
  context: Context,
  query: Query,
  expected: Expected,
  first: Page,
): Promise<void> {
  const pages = query.pageSize === undefined ? [first] : await allPages(client, first);
  for (const page of pages) checkTotal(query, expected, page);
  const rank = usedPairs(query).find(([name, value]) => name === '_sort' && value.endsWith('_score'))?.[1];
  if (rank !== undefined) return checkRanked(expected, first, rank.startsWith('-'));
  compare(expected, pages, query);
  const used = usedPairs(query);
  // `_elements` are those of matches.
  const ofIncluded = used.filter(([name]) => name !== '_elements');
  for (const { matches, included } of pages) {
    checkEntries(context, used, matches);
    checkEntries(context, ofIncluded, included);
  }
}

/** `_total=accurate` gives the number of matches; what is given without being asked for must be right, too. */
function checkTotal(query: Query, { matches }: Expected, { total }: Page): void {
  const asked = usedPairs(query).find(([name]) => name === '_total')?.[1];
  const mustBe = asked === 'accurate' || asked === 'estimate';
  if (total === undefined ? mustBe : asked !== 'estimate' && total !== matches.length)
    throw new Error(`Bundle.total is ${total}, expected ${matches.length}`);
}

/** How texts are ranked is the server's affair (search.html#text), but the order must be that of the ranks. */
function checkRanked({ matches }: Expected, page: Page, descending: boolean): void {
  requireSameSet('matches', namesOf(page.matches), matches.map(nameOf));
  const scores = page.matches.map(({ score }) => Number(score));
  const order = scores.toSorted((a, b) => (descending ? b - a : a - b));
  if (scores.some((score, i) => score !== order[i] || !(score >= 0 && score <= 1)))
    throw new Error(`matches are not in the order of their scores: ${scores.join(' ')}`);
}

/** All pages by `next`; then back by `previous`, where each page must be what it was. */
async function allPages(client: Client, first: Page): Promise<Page[]> {
  const pages = [first];
  for (let last = first; last.next !== undefined; pages.push(last))
    last = readPage(await client.send('GET', last.next));
  let at = pages.at(-1)!;
  for (let i = pages.length - 2; i >= 0; i--) {
    const page = pages[i]!;
    if (at.previous === undefined)
      throw new Error(`page ${i + 2} of ${pages.length} has no link to the previous one`);
    at = readPage(await client.send('GET', at.previous));
    requireSame(`page ${i + 1} when coming back`, namesOf(at.matches), namesOf(page.matches));
    requireSameSet(
      `what comes with page ${i + 1} when coming back`,
      namesOf(at.included),
      namesOf(page.included),
    );
  }
  return pages;
}

/** Without `_sort` the order is the server's affair (search.html#sort): then the pages together must be what is expected. */
function compare(expected: Expected, pages: readonly Page[], query: Query): void {
  const all = pages.flatMap(({ matches }) => namesOf(matches));
  const wanted = expected.matches.map(nameOf);
  const isSorted = usedPairs(query).some(([name]) => name === '_sort');
  (isSorted ? requireSame : requireSameSet)('matches', all, wanted);
  const byName = new Map(expected.matches.map((one) => [nameOf(one), one]));
  pages.forEach(({ matches, included }, i) => {
    const isFull = i === pages.length - 1 || matches.length === query.pageSize;
    if (!isFull) throw new Error(`page ${i + 1} has ${matches.length} matches, and is not the last`);
    const found = namesOf(matches).map((name) => byName.get(name)!);
    requireSameSet(`included in page ${i + 1}`, namesOf(included), expected.includedWith(found));
  });
}

/** The `self` link says what was asked (search.html#conformance): asked again, it gives the same. */
async function checkSelf(client: Client, page: Page): Promise<void> {
  if (page.self === undefined) throw new Error('there is no link to self');
  const again = readPage(await client.send('GET', page.self));
  requireSame('matches by the self link', namesOf(again.matches), namesOf(page.matches));
  requireSameSet('included by the self link', namesOf(again.included), namesOf(page.included));
}
