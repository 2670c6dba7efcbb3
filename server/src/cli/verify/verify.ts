import path from 'node:path';
import { readConfig } from '../../config.ts';
import { verifyStore } from '../../store/verify/verify.ts';
import { openStoreForTools } from '../openStore.ts';

/** Differences that are printed; the rest is counted. */
const DIFFERENCES_SHOWN_MAX = 50;

/**
 * `maxray verify`: compares every index, history and change row with the content.
 *
 * @returns exit code: 0 when nothing differs
 */
export async function runVerify(
  args: string[],
  say: (line: string) => void,
  tenant?: string,
): Promise<number> {
  if (args.length > 0) {
    say(`maxray verify takes --tenant only, not ${path.basename(args[0]!)}`);
    return 2;
  }
  const { store, database, schema, close } = await openStoreForTools(readConfig(process.env), tenant);
  try {
    const report = await verifyStore(database, schema, store.indexer, say);
    for (const d of report.differences.slice(0, DIFFERENCES_SHOWN_MAX)) {
      say(`${d.type}/${d.id} ${d.where}: ${d.missing} missing, ${d.surplus} surplus`);
    }
    const waiting = (await store.reindexing.status()).walks.filter(({ finished }) => !finished);
    if (waiting.length > 0) say(reindexFirst(waiting.map(({ type }) => type)));
    say(
      `${report.resources} resources, ${report.versions} versions, ${report.indexRows} index rows; ${report.differences.length} differences`,
    );
    return report.differences.length === 0 ? 0 : 1;
  } finally {
    await close();
  }
}

const reindexFirst = (types: readonly string[]) =>
  `the search parameters of ${types.join(', ')} have changed: until npx maxray reindex is done, their index rows differ`;
