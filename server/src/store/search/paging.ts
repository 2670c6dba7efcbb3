import type { FoundPage, FoundResource, PagePosition } from './found.ts';
import { positionName } from './statement/pageStatement.ts';

/** A row of a page's statement. */
export interface PageRow {
  /** null: there would be more rows, of which the statement did not want to look at so many. */
  rid: string | null;
  id: string;
  /** null: the page has no room for it. */
  content: string | null;
  /** Where the search is of several types. */
  type?: string;
  /** The sort keys as texts, under the names of {@link positionName}. */
  [positionName: string]: unknown;
}

/** Whether a walk was given up before it had enough rows: then these are no page. */
export const isUnfinished = (rows: readonly PageRow[]): boolean => rows.some(({ rid }) => rid === null);

/** Whether a resource was met twice. */
export const isRepeating = (rows: readonly PageRow[]): boolean =>
  new Set(rows.map(({ rid }) => rid)).size < rows.length;

/** Whether some of the rows lack their content: then the page is to be read with an eye on all their sizes. */
export const isLarge = (rows: readonly PageRow[]): boolean => rows.some(({ content }) => content === null);

/** What a search is, as far as paging goes. */
export interface Paged {
  /** Most rows of a page. */
  count: number;
  /** Number of sort keys; which of them is the score, if any. */
  keys: number;
  scoreKey: number;
  /** The type, where there is but one. */
  type: string | undefined;
  position: PagePosition | undefined;
}

/** The rows of a statement (one more than a page has, where there are so many) as a page, with the positions next to it. */
export function pageOf(rows: readonly PageRow[], paged: Paged): FoundPage {
  const { count, position } = paged;
  const page = rows.slice(0, count).filter(({ content }) => content !== null);
  const isCut = rows.length > page.length;
  const backwards = position?.backwards ?? false;
  if (backwards) page.reverse();
  const matches = page.map((row) => foundResource(row, paged));
  return { matches, ...neighbours(page, isCut, position, (row, back) => positionAt(row, paged, back)) };
}

/**
 * The positions next to a page.
 *
 * @param page in the order of the search
 * @param isCut whether there is more in the direction in which it was read
 * @param position where it began
 */
export function neighbours<R>(
  page: readonly R[],
  isCut: boolean,
  position: PagePosition | undefined,
  positionAt: (row: R, backwards: boolean) => PagePosition,
): Pick<FoundPage, 'next' | 'previous'> {
  const backwards = position?.backwards ?? false;
  const [first, last] = [page[0], page.at(-1)];
  if (first === undefined || last === undefined) return backTo(position);
  const found: Pick<FoundPage, 'next' | 'previous'> = {};
  if (backwards || isCut) found.next = positionAt(last, false);
  if (backwards ? isCut : position !== undefined) found.previous = positionAt(first, true);
  return found;
}

/** An empty page is where others have deleted what was there: one can still go back to where one came from. */
function backTo(position: PagePosition | undefined): Pick<FoundPage, 'next' | 'previous'> {
  if (position === undefined) return {};
  const from: PagePosition = { ...position, backwards: !position.backwards, inclusive: true };
  return position.backwards ? { next: from } : { previous: from };
}

function positionAt(row: PageRow, { keys, type }: Paged, backwards: boolean): PagePosition {
  const values = Array.from({ length: keys }, (_, i) => row[positionName(i)] as string | null);
  return { values, ...(type === undefined ? { type: row.type! } : {}), rid: row.rid!, backwards };
}

function foundResource(row: PageRow, { type, scoreKey }: Paged): FoundResource {
  const found: FoundResource = { type: type ?? row.type!, id: row.id, content: row.content! };
  if (scoreKey >= 0) found.score = Number(row[positionName(scoreKey)]);
  return found;
}
