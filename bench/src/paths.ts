import path from 'node:path';

export const REPOSITORY = path.resolve(import.meta.dirname, '../..');
export const RESULTS_FOLDER = path.join(REPOSITORY, 'bench/results');
/** Kept from run to run and out of version control: PostgreSQL's data, logs, profiles. */
export const CACHE_FOLDER = path.join(REPOSITORY, 'bench/.cache');
export const SERVER_ENTRY = path.join(REPOSITORY, 'server/src/main.ts');
