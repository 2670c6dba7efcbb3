import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import path from 'node:path';
import { ArchivedLog } from '../../audit/archive/readArchive.ts';
import { ARCHIVE } from '../../audit/archive/writeArchive.ts';
import { auditLayout } from '../../audit/layout.ts';
import { readCopies } from '../../audit/sealing/copies.ts';
import { readPublicKey, readTrusted } from '../../audit/sealing/signingKey.ts';
import { verifyAudit, type Verified } from '../../audit/sealing/verify.ts';
import { readConfig } from '../../config.ts';
import { AuditTable } from '../../store/audit/auditTable.ts';
import { CheckpointTable } from '../../store/audit/checkpointTable.ts';
import { StartError } from '../../store/postgres/startError.ts';
import { openStoreForTools, type OpenedStore } from '../openStore.ts';

const USAGE = `maxray audit verify [--key FILE]... [--copies FILE] [--archive FOLDER]
  reads the whole audit log and finds the first record or checkpoint that is not as it was sealed
  --key FILE      PEM of a public key whose signatures count, besides those in MAXRAY_DATA_DIR/audit/keys
  --archive FOLDER  the log of a removed tenant, in MAXRAY_DATA_DIR/removed-tenants, instead of one in the database
  --copies FILE   copies of the checkpoints, instead of MAXRAY_DATA_DIR/audit/checkpoints.jsonl`;

interface Options {
  keys: string[];
  copies: string | undefined;
  archive: string | undefined;
}

/**
 * `maxray audit verify`.
 *
 * @returns exit code: 0 when all is as it was sealed, 1 when something is not, 2 when the command is not understood
 */
export async function runAudit(
  args: string[],
  say: (line: string) => void,
  tenant?: string,
): Promise<number> {
  const options = optionsOf(args);
  if (options === undefined) {
    say(USAGE);
    return args[0] === '--help' ? 0 : 2;
  }
  if (options.archive !== undefined) return verifyArchive(options, options.archive, say);
  const { database, schema, dataDir, close } = await openStoreForTools(readConfig(process.env), tenant);
  try {
    return await verify(options, { database, schema, dataDir }, say);
  } finally {
    await close();
  }
}

/** Of a log that no database has any more: its keys and copies are in its folder, or named. */
async function verifyArchive(options: Options, folder: string, say: (line: string) => void): Promise<number> {
  const log = new ArchivedLog(folder);
  const trusted = new Map([
    ...readTrusted(path.join(folder, ARCHIVE.keys)),
    ...options.keys.map(readPublicKey),
  ]);
  const { copies } = readCopies(options.copies ?? path.join(folder, ARCHIVE.copies));
  return tell(await verifyAudit({ table: log, checkpoints: log, trusted, copies, onProgress: say }), say);
}

async function verify(
  options: Options,
  { database, schema, dataDir }: Pick<OpenedStore, 'database' | 'schema' | 'dataDir'>,
  say: (line: string) => void,
): Promise<number> {
  const layout = auditLayout(dataDir);
  const trusted = new Map([...readTrusted(layout.publicKeys), ...options.keys.map(readPublicKey)]);
  const file = options.copies ?? layout.copies;
  if (options.copies !== undefined && !existsSync(file))
    throw new StartError(`there is no file ${file} with copies of the checkpoints`);
  const { copies } = readCopies(file); // before the log, which may grow meanwhile
  const table = new AuditTable(database, schema);
  const checkpoints = new CheckpointTable(database, schema);
  const verified = await verifyAudit({ table, checkpoints, trusted, copies, onProgress: say });
  if (copies.length === 0)
    say(`${file} has no copies of checkpoints: that the log was cut at its end could not be seen`);
  return tell(verified, say);
}

function tell({ checkpoints, records, unsealed, finding }: Verified, say: (line: string) => void): number {
  if (finding !== undefined) {
    say(`${finding}; before it ${checkpoints} checkpoints with ${records} records are in order`);
    return 1;
  }
  say(`${checkpoints} checkpoints, ${records} records, all as they were sealed; ${unsealed} not sealed yet`);
  return 0;
}

function optionsOf(args: string[]): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        key: { type: 'string', multiple: true },
        copies: { type: 'string' },
        archive: { type: 'string' },
      },
    });
    if (positionals.join(' ') !== 'verify') return undefined;
    return { keys: values.key ?? [], copies: values.copies, archive: values.archive };
  } catch {
    return undefined; // an option that is not known, or without its value
  }
}
