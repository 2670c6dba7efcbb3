import { openDatabase } from '../../../../src/store/postgres/database.ts';
import { migrate } from '../../../../src/store/postgres/migrations/migrate.ts';
import { readStoreSecret } from '../../../../src/store/postgres/migrations/storeSecret.ts';

/** One of many servers that start at once: waits for the word on standard input, migrates, and says what it did and saw. */
const { connection, schema } = JSON.parse(process.argv[2] ?? '') as {
  connection: string | object;
  schema: string;
};
process.stdout.write('here\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
const database = await openDatabase({
  connection,
  readConnections: 1,
  writeConnections: 1,
  quickConnections: 1,
  transactionConnectionsMax: 1,
});
const applied = await migrate(database, schema);
const secret = await readStoreSecret(database, schema);
await database.close();
process.stdout.write(`${JSON.stringify({ applied, secret: secret.toString('hex') })}\n`);
process.exit(0);
