import { parseArgs } from 'node:util';
import { DEFAULT_URL, ownUrl } from '../serverUrl.ts';
import { UsageError } from '../usageError.ts';

/** What `load` was asked to do. */
export interface LoadOptions {
  /** Files and folders, as given. */
  paths: string[];
  /** FHIR base of the server, without a slash at its end. */
  url: URL;
  /** Requests under way at a time. */
  parallel: number;
  /** File that tells what is done; absent: one in the data folder. */
  journal: string | undefined;
  /** Whether to load also what an earlier run has loaded. */
  restart: boolean;
  /** Whether to send again what an earlier run may have stored. */
  resend: boolean;
  /** File with the client to sign in as; absent: for a server of this machine its administrator client. */
  client: string | undefined;
}

const DEFAULT_PARALLEL = 4;
const PARALLEL_MAX = 64;

export const USAGE = `npm run load -- PATH... [--url ${DEFAULT_URL}] [--client FILE] [--parallel ${DEFAULT_PARALLEL}] [--restart] [--resend] [--journal FILE]

Loads FHIR R4 data into a running server. A PATH is a folder or one of
  .json          a transaction or batch Bundle (posted as it is), another Bundle, or a resource
  .ndjson .jsonl one resource in each line
  .tar .tgz      an archive of such files
each also with .gz at the end.

  --url URL      FHIR base of the server; by default the one of this machine, on PORT
  --client FILE  JSON with client_id and client_secret to sign in with; by default, for a server of this
                 machine, its administrator client (administrator-client.json of MAXRAY_DATA_DIR)
  --parallel N   requests under way at a time, 1 to ${PARALLEL_MAX}
  --restart      load everything, also what an earlier run of the same command has loaded
  --resend       send again what an earlier run sent without seeing the answer: it may be stored twice
  --journal FILE where it is noted what is loaded, so that the same command goes on after Ctrl+C, a kill
                 or failures; by default a file in the folder load of MAXRAY_DATA_DIR
`;

/**
 * Reads the command line; undefined when it asks for help.
 * @throws UsageError when it is not understood
 */
export function readOptions(args: string[]): LoadOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  if (positionals.length === 0) throw new UsageError('Name at least one file or folder to load.');
  return {
    paths: positionals,
    url: readUrl(values.url ?? ownUrl()),
    parallel: readParallel(values.parallel),
    journal: values.journal,
    restart: values.restart,
    resend: values.resend,
    client: values.client,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        parallel: { type: 'string', default: String(DEFAULT_PARALLEL) },
        journal: { type: 'string' },
        client: { type: 'string' },
        restart: { type: 'boolean', default: false },
        resend: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('--url takes an http or https address, e.g. ' + DEFAULT_URL);
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

function readParallel(text: string): number {
  const parallel = Number(text);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > PARALLEL_MAX) {
    throw new UsageError(`--parallel takes a whole number from 1 to ${PARALLEL_MAX}.`);
  }
  return parallel;
}
