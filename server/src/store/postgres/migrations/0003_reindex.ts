import { once, type Migration } from './migration.ts';

/** Search parameters that are added at run time, and the walks that bring the index up to them. */
export const reindex: Migration = {
  number: 3,
  name: 'reindex',
  breaking:
    'servers of an earlier release do not write the rows of search parameters that were added: stop them first',
  async run(tx, schema) {
    // One row. revision: which parameters writers index; every write names it. change: counts up with whatever servers must hear of.
    await tx.query(
      once(`CREATE TABLE ${schema}.index_plan (revision bigint NOT NULL, change bigint NOT NULL)`),
    );
    await tx.query(once(`INSERT INTO ${schema}.index_plan VALUES (0, 0)`));
    // One row for each SearchParameter resource: what was made of its version. revision: since when its rows are written; NULL: they are not.
    await tx.query(
      once(`CREATE TABLE ${schema}.search_parameter (
        id text COLLATE "C" PRIMARY KEY,
        rid bigint NOT NULL,
        version integer NOT NULL,
        definition text,
        fault text,
        types text[] NOT NULL DEFAULT '{}',
        revision bigint,
        print text,
        ready boolean NOT NULL DEFAULT false)`),
    );
    // One row for each resource type whose index was ever out of date. needed_by counts up with each reason for a walk.
    await tx.query(
      once(`CREATE TABLE ${schema}.reindex (
        type text COLLATE "C" PRIMARY KEY,
        needed_by bigint NOT NULL,
        requested boolean NOT NULL DEFAULT false,
        last_rid bigint NOT NULL DEFAULT 0,
        done bigint NOT NULL DEFAULT 0,
        changed bigint NOT NULL DEFAULT 0,
        total bigint,
        started timestamptz,
        finished timestamptz,
        form text,
        fault text,
        worker text,
        alive timestamptz)`),
    );
  },
};
