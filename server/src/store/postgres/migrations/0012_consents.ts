import { consentChannelOf, CONSENT_NOTICE_TYPES } from '../../consents/consentNotices.ts';
import { once, type Migration } from './migration.ts';

/**
 * What patients withhold, and who belongs to whom they name, tells every server of the store when it changes, in the transaction that
 * changes it (decision 0037). The condition is looked at before anything is queued, so that other rows cost nothing.
 */
export const consents: Migration = {
  number: 12,
  name: 'consents',
  async run(tx, schema) {
    const channel = consentChannelOf(schema.replaceAll('"', ''));
    const types = CONSENT_NOTICE_TYPES.map((type) => `'${type}'`).join(', ');
    await tx.query(
      once(`CREATE FUNCTION ${schema}.consent_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('${channel}', NEW.type || ' ' || NEW.rid);
          RETURN NULL;
        END $$`),
    );
    await tx.query(
      once(`CREATE TRIGGER changes_consent AFTER INSERT ON ${schema}.changes FOR EACH ROW
        WHEN (NEW.type IN (${types})) EXECUTE FUNCTION ${schema}.consent_changed()`),
    );
  },
};
