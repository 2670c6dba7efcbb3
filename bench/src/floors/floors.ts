import { createFloor } from './create.ts';
import type { Floor } from './floor.ts';
import { readFloor } from './read.ts';

/** A new floor is a file of this folder and a line here. */
export const FLOORS = { read: readFloor, create: createFloor } as const satisfies Record<string, Floor>;

export type FloorName = keyof typeof FLOORS;
