import type { Database } from '../postgres/database.ts';
import { Eraser } from './eraser.ts';
import { ErasureFinder, type FinderParts } from './finder.ts';
import { ErasureRegister } from './register.ts';

/** What finds and removes all that has to do with some resources, for good (decision 0039). */
export interface StoreErasure {
  finder: ErasureFinder;
  eraser: Eraser;
  register: ErasureRegister;
}

export function openErasure(database: Database, parts: FinderParts): StoreErasure {
  return {
    finder: new ErasureFinder(parts),
    eraser: new Eraser(parts.schema, parts.index),
    register: new ErasureRegister(database, parts.schema),
  };
}
