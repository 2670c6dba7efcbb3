import type { Database } from '../postgres/database.ts';
import { ErasedStudies } from './erasedStudies.ts';
import { Eraser } from './eraser.ts';
import { ErasureFinder, type FinderParts } from './finder.ts';
import { ErasureRegister } from './register.ts';
import { StudyUidFinder } from './studyUids.ts';

/** What finds and removes all that has to do with some resources, for good (decision 0039). */
export interface StoreErasure {
  finder: ErasureFinder;
  eraser: Eraser;
  register: ErasureRegister;
  studyUids: StudyUidFinder;
  /** Whose images the archive may still have. */
  erasedStudies: ErasedStudies;
}

export function openErasure(database: Database, parts: FinderParts): StoreErasure {
  return {
    finder: new ErasureFinder(parts),
    eraser: new Eraser(parts.schema, parts.index),
    register: new ErasureRegister(database, parts.schema),
    studyUids: new StudyUidFinder(parts.schema, parts.index),
    erasedStudies: new ErasedStudies(database, parts.schema),
  };
}
