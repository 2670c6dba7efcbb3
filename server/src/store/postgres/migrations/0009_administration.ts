import { ADMINISTRATION_NOTICE, DECIDING_TYPES, channelOf } from '../../identity/revocation.ts';
import { once, type Migration } from './migration.ts';

/**
 * Whatever decides who may do what tells every server of the store when it changes, in the transaction that changes it: also a write of a
 * process that dies right after (decision 0035). The condition is looked at before anything is queued, so that other rows cost nothing.
 */
export const administration: Migration = {
  number: 9,
  name: 'administration',
  async run(tx, schema) {
    const channel = channelOf(schema.replaceAll('"', ''));
    const types = DECIDING_TYPES.map((type) => `'${type}'`).join(', ');
    await tx.query(
      once(`CREATE FUNCTION ${schema}.administration_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('${channel}', '${ADMINISTRATION_NOTICE}');
          RETURN NULL;
        END $$`),
    );
    await tx.query(
      once(`CREATE TRIGGER changes_administration AFTER INSERT ON ${schema}.changes FOR EACH ROW
        WHEN (NEW.type IN (${types})) EXECUTE FUNCTION ${schema}.administration_changed()`),
    );
  },
};
