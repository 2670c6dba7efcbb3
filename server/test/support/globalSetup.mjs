import { openBroker } from './testServer.mjs';

/** Jest, before all tests: tells the workers where to ask for a database. With DATABASE_URL they use that one. */
export default async function globalSetup() {
  if (!process.env.DATABASE_URL) process.env.MAXRAY_TEST_BROKER = await openBroker();
}
