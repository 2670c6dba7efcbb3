import { once, type Migration } from './migration.ts';

/** Code systems that are too large for memory: their concepts, what stands above what, and properties (decision 0028). */
export const terminology: Migration = {
  number: 6,
  name: 'terminology',
  async run(tx, schema) {
    // state: only 'ready' ones are used. progress: where a loader stands, as JSON.
    await tx.query(
      once(`CREATE TABLE ${schema}.code_system (
        key integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        url text COLLATE "C" NOT NULL,
        version text COLLATE "C" NOT NULL,
        header text NOT NULL,
        state text NOT NULL DEFAULT 'loading' CHECK (state IN ('loading', 'ready')),
        progress text,
        UNIQUE (url, version))`),
    );
    // place: order within the system. detail: JSON of what is only read with the concept. words: folded, for text filters.
    await tx.query(
      once(`CREATE TABLE ${schema}.concept (
        system integer NOT NULL REFERENCES ${schema}.code_system ON DELETE CASCADE,
        place integer NOT NULL,
        code text COLLATE "C" NOT NULL,
        display text,
        inactive boolean NOT NULL DEFAULT false,
        words tsvector,
        detail text,
        PRIMARY KEY (system, place),
        UNIQUE (system, code))`),
    );
    await tx.query(once(`CREATE INDEX concept_words ON ${schema}.concept USING gin (words)`));
    await tx.query(
      once(`CREATE TABLE ${schema}.concept_parent (
        system integer NOT NULL REFERENCES ${schema}.code_system ON DELETE CASCADE,
        child integer NOT NULL,
        parent integer NOT NULL,
        PRIMARY KEY (system, child, parent))`),
    );
    await tx.query(
      once(`CREATE INDEX concept_parent_child ON ${schema}.concept_parent (system, parent, child)`),
    );
    await tx.query(
      once(`CREATE TABLE ${schema}.concept_ancestor (
        system integer NOT NULL REFERENCES ${schema}.code_system ON DELETE CASCADE,
        ancestor integer NOT NULL,
        descendant integer NOT NULL,
        PRIMARY KEY (system, ancestor, descendant))`),
    );
    await tx.query(
      once(
        `CREATE INDEX concept_ancestor_descendant ON ${schema}.concept_ancestor (system, descendant, ancestor)`,
      ),
    );
    await tx.query(
      once(`CREATE TABLE ${schema}.concept_property (
        system integer NOT NULL REFERENCES ${schema}.code_system ON DELETE CASCADE,
        place integer NOT NULL,
        property text COLLATE "C" NOT NULL,
        value text COLLATE "C" NOT NULL,
        PRIMARY KEY (system, place, property, value))`),
    );
    await tx.query(
      once(
        `CREATE INDEX concept_property_value ON ${schema}.concept_property (system, property, hashtextextended(value, 0))`,
      ),
    );
    // Terms while a release is being loaded; they end up in the concepts' detail.
    await tx.query(
      once(`CREATE TABLE ${schema}.concept_term (
        system integer NOT NULL REFERENCES ${schema}.code_system ON DELETE CASCADE,
        id text COLLATE "C" NOT NULL,
        place integer NOT NULL,
        language text,
        use text,
        value text NOT NULL,
        rank integer NOT NULL,
        PRIMARY KEY (system, id))`),
    );
    await tx.query(once(`CREATE INDEX concept_term_place ON ${schema}.concept_term (system, place)`));
    await tx.query(
      once(`CREATE TABLE ${schema}.closure (
        name text COLLATE "C" PRIMARY KEY,
        version integer NOT NULL DEFAULT 0)`),
    );
    await tx.query(
      once(`CREATE TABLE ${schema}.closure_concept (
        name text COLLATE "C" NOT NULL REFERENCES ${schema}.closure ON DELETE CASCADE,
        system text COLLATE "C" NOT NULL,
        code text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (name, system, code))`),
    );
  },
};
