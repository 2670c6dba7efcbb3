import { Audit } from '../../../src/audit/audit.ts';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { readStoreSecret } from '../../../src/store/postgres/migrations/storeSecret.ts';
import { readRecord } from '../support.ts';

/** A server process as far as the audit log is concerned: appends as fast as it can, and acknowledges each record on standard output. */
const { connection, schema, dataDir, strict, name } = JSON.parse(process.argv[2] ?? '') as {
  connection: string | object;
  schema: string;
  dataDir: string;
  strict: boolean;
  name: string;
};
const WORKERS = 16;
const log = (level: string, message: string) => void process.stderr.write(`${level} ${message}\n`);
const database = await openDatabase({ connection, log });
const audit = new Audit({
  database,
  schema,
  secret: await readStoreSecret(database, schema),
  base: 'http://127.0.0.1/fhir/R4',
  dataDir,
  settings: { strict, journalBytesMax: 2 ** 26 },
  log,
});
audit.start();

let over = false;
process.once('SIGTERM', () => (over = true));
let count = 0;
async function work(): Promise<void> {
  while (!over) {
    const requestId = `${name}-${count++}`;
    await audit.append(readRecord({ requestId }));
    process.stdout.write(`${requestId}\n`);
  }
}
await Promise.all(Array.from({ length: WORKERS }, work));
await audit.stop();
await database.close();
