import { createFloor } from './create.ts';
import type { Floor } from './floor.ts';
import { readFloor } from './read.ts';
import { SEARCH_QUESTIONS } from './search/questions.ts';
import { searchFloor } from './search/searchFloor.ts';
import { transactionFloor } from './transaction.ts';

const SEARCH_FLOORS = Object.fromEntries(
  Object.entries(SEARCH_QUESTIONS).map(([name, question]) => [name, searchFloor(name, question)]),
) as Record<keyof typeof SEARCH_QUESTIONS, Floor>;

/** A new floor is a file of this folder and a line here; that of a search is an entry in search/questions.ts. */
export const FLOORS = {
  read: readFloor,
  create: createFloor,
  transaction: transactionFloor,
  ...SEARCH_FLOORS,
} as const satisfies Record<string, Floor>;

export type FloorName = keyof typeof FLOORS;
