import type { Context } from '../evaluate/context.ts';
import { search, type Expected } from '../evaluate/search.ts';
import { nameOf } from '../evaluate/world.ts';
import { BASE_MARK } from '../data/references.ts';
import type { Query } from '../queries/query.ts';
import { readPage, type Page } from './bundle.ts';
import type { Answer, Client } from './client.ts';

const FORM = 'application/x-www-form-urlencoded';

export interface Outcome {
  /** How many resources the evaluator found. */
  found: number;
  /** Where server and evaluator disagree, in words; absent where they agree. */
  disagreement?: string;
}

/** Asks server and evaluator the same, page by page where the query says so. */
export async function check(client: Client, context: Context, query: Query): Promise<Outcome> {
  if (query.isWrong) return checkRefused(client, query);
  const encoded = query.query.replaceAll(BASE_MARK, encodeURIComponent(client.base));
  const expected = search(context, `${query.path}?${encoded}`);
  const found = expected.matches.length;
  const first = await ask(client, query, encoded);
  try {
    const page = readPage(first);
    if (query.pageSize === 0) return { found, ...countOnly(page, found) };
    const asksTotal = /(^|&)_total=accurate/.test(encoded);
    if (asksTotal && page.total !== found)
      throw new Error(`Bundle.total is ${page.total}, expected ${found}`);
    const pages = query.pageSize === undefined ? [page] : await allPages(client, page);
    compare(expected, pages, query.pageSize);
  } catch (error) {
    return { found, disagreement: (error as Error).message };
  }
  return { found };
}

function ask(client: Client, { path, post }: Query, encoded: string): Promise<Answer> {
  if (!post) return client.send('GET', `${path}?${encoded}`);
  return client.send('POST', `${path === '' ? '' : `${path}/`}_search`, { type: FORM, text: encoded });
}

/** What is wrong must be refused with words (search.html#errors, http.html#search). */
async function checkRefused(client: Client, query: Query): Promise<Outcome> {
  const { status, text } = await ask(
    client,
    query,
    query.query.replaceAll(BASE_MARK, encodeURIComponent(client.base)),
  );
  const isRefused = status === 400 && text.includes('"OperationOutcome"') && text.includes('"diagnostics"');
  return isRefused
    ? { found: 0 }
    : { found: 0, disagreement: `must be refused with 400, but was answered ${status}` };
}

/** `_count=0`: the number of matches, and nothing else (search.html#count). */
function countOnly({ matches, included, total, next, previous }: Page, found: number): Partial<Outcome> {
  const isBare = matches.length + included.length === 0 && next === undefined && previous === undefined;
  return isBare && total === found
    ? {}
    : { disagreement: `_count=0: expected only the total ${found}, answered ${total}` };
}

/** All pages by `next`; then back by `previous`, where each page must be what it was. */
async function allPages(client: Client, first: Page): Promise<Page[]> {
  const pages = [first];
  for (let last = first; last.next !== undefined; pages.push(last))
    last = readPage(await client.send('GET', last.next));
  let at = pages.at(-1)!;
  for (let i = pages.length - 2; i >= 0; i--) {
    if (at.previous === undefined)
      throw new Error(`page ${i + 2} of ${pages.length} has no link to the previous one`);
    at = readPage(await client.send('GET', at.previous));
    requireSame(`page ${i + 1} when coming back`, at.matches, pages[i]!.matches);
    requireSame(
      `what comes with page ${i + 1} when coming back`,
      at.included.sort(),
      pages[i]!.included.sort(),
    );
  }
  return pages;
}

function compare(expected: Expected, pages: readonly Page[], pageSize: number | undefined): void {
  requireSame(
    'matches',
    pages.flatMap(({ matches }) => matches),
    expected.matches.map(nameOf),
  );
  const size = pageSize ?? expected.matches.length;
  pages.forEach((page, i) => {
    const matches = expected.matches.slice(i * size, (i + 1) * size);
    requireSame(`matches of page ${i + 1}`, page.matches, matches.map(nameOf));
    requireSame(
      `included in page ${i + 1}`,
      [...page.included].sort(),
      [...expected.includedWith(matches)].sort(),
    );
  });
}

function requireSame(what: string, actual: readonly string[], expected: readonly string[]): void {
  if (actual.length === expected.length && actual.every((name, i) => name === expected[i])) return;
  const missing = expected.filter((name) => !actual.includes(name));
  const extra = actual.filter((name) => !expected.includes(name));
  const difference =
    missing.length + extra.length === 0
      ? 'in another order'
      : `missing ${show(missing)}, too many ${show(extra)}`;
  throw new Error(`${what}: ${difference}\n    expected ${show(expected)}\n    answered ${show(actual)}`);
}

const show = (names: readonly string[]): string => `[${names.join(' ')}]`;
