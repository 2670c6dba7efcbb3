import { randomInt } from 'node:crypto';
import { once, type Migration } from './migration.ts';

/** Without letters that are misread for others. */
const SITE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SITE_CHARS = 3;

/** Accession numbers and Study Instance UIDs of imaging orders: each is given once, whatever becomes of its order. */
export const orderNumbers: Migration = {
  number: 21,
  name: 'order-numbers',
  async run(tx, schema) {
    await tx.query(once(`CREATE SEQUENCE ${schema}.accession_number AS bigint`));
    // hash: of system and value; of an order that was erased it is all that is left, so that nobody gets its numbers.
    await tx.query(
      once(`CREATE TABLE ${schema}.order_number (
        hash bytea PRIMARY KEY,
        order_id text COLLATE "C",
        kind text COLLATE "C" CHECK (kind IN ('accession', 'study')),
        system text,
        value text,
        UNIQUE (order_id, kind))`),
    );
    // Begins the store's accession numbers: two stores that send to one archive have others.
    const site = Array.from({ length: SITE_CHARS }, () => SITE_ALPHABET[randomInt(SITE_ALPHABET.length)]);
    await tx.query(
      once(`INSERT INTO ${schema}.setting (name, value) VALUES ('accession-site', $1)`, [site.join('')]),
    );
  },
};
