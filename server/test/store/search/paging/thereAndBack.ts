import { expect } from '@jest/globals';
import type { FoundPage, PagePosition } from '../../../../src/store/search/found.ts';
import { ids } from '../searchWorld.ts';

/** All that is found page by page; on the way back to the first page, the same pages must come. Positions survive JSON. */
export async function thereAndBack(search: (at?: PagePosition) => Promise<FoundPage>): Promise<string[]> {
  const pages: string[][] = [];
  let page = await search();
  expect(page.previous).toBeUndefined();
  for (;;) {
    pages.push(ids(page));
    if (!page.next) break;
    page = await search(JSON.parse(JSON.stringify(page.next)) as PagePosition);
  }
  for (let i = pages.length - 2; i >= 0; i--) {
    page = await search(JSON.parse(JSON.stringify(page.previous)) as PagePosition);
    expect(ids(page)).toEqual(pages[i]);
    expect(page.next).toBeDefined();
  }
  expect(page.previous).toBeUndefined();
  return pages.flat();
}
