import { ADMINISTRATION_NOTICE, channelOf } from '../../identity/revocation.ts';
import { once, type Migration } from './migration.ts';

/**
 * Who is deleted leaves nothing that proves anything: one made again under the same id would have it. In the transaction of the deletion, whoever
 * does it.
 */
export const deletedAccounts: Migration = {
  number: 18,
  name: 'deleted-accounts',
  async run(tx, schema) {
    const channel = channelOf(schema.replaceAll('"', ''));
    const remove = (type: string, table: string) => `
          DELETE FROM ${schema}.identity_secret s USING ${schema}."${table}" m
            WHERE m.rid = NEW.rid AND s.owner = '${type}/' || m.id;`;
    await tx.query(
      once(`CREATE FUNCTION ${schema}.user_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN${remove('User', 'user')}
          DELETE FROM ${schema}.identity_credential c USING ${schema}."user" m WHERE m.rid = NEW.rid AND c.account = m.id;
          DELETE FROM ${schema}.identity_artifact a USING ${schema}."user" m
            WHERE m.rid = NEW.rid AND (a.account = m.id OR a.hash = sha256(convert_to('KnownSignIns ' || m.id, 'UTF8')));
          PERFORM pg_notify('${channel}', '${ADMINISTRATION_NOTICE}');
          RETURN NULL;
        END $$`),
    );
    await tx.query(
      once(`CREATE FUNCTION ${schema}.client_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN${remove('ClientApplication', 'clientapplication')}
          DELETE FROM ${schema}.identity_artifact a USING ${schema}."clientapplication" m WHERE m.rid = NEW.rid AND a.client = m.id;
          PERFORM pg_notify('${channel}', '${ADMINISTRATION_NOTICE}');
          RETURN NULL;
        END $$`),
    );
    for (const [name, type] of [
      ['user', 'User'],
      ['client', 'ClientApplication'],
    ]) {
      await tx.query(
        once(`CREATE TRIGGER changes_${name}_deleted AFTER INSERT ON ${schema}.changes FOR EACH ROW
          WHEN (NEW.method = 'D' AND NEW.type = '${type}') EXECUTE FUNCTION ${schema}.${name}_deleted()`),
      );
    }
  },
};
