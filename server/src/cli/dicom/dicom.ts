import { parseArgs } from 'node:util';
import { commandClient } from '../administrator.ts';
import { DEFAULT_URL, ownUrl } from '../serverUrl.ts';
import { NO_CLIENT, signInAs } from '../signIn.ts';
import { UsageError } from '../usageError.ts';
import { statusLines } from './statusLines.ts';

const USAGE = `maxray dicom status [--url ${DEFAULT_URL}] [--client FILE] [--json]

Prints what the DICOM bridge of a running server counts, as the administrator client, or the client of a JSON file with client_id and client_secret.
`;

/** The server asks the bridge itself. */
const TIMEOUT_MS = 30_000;

interface Io {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
}

/** The command `maxray dicom status`. @returns the exit code: 0 the bridge answers, 1 it does not, 2 not understood */
export async function runDicom(args: string[], { stdout, stderr }: Io): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        client: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      stdout.write(USAGE);
      return 0;
    }
    if (positionals.length !== 1 || positionals[0] !== 'status')
      throw new UsageError('There is one command: maxray dicom status.');
    const status = await askStatus(values.url ?? ownUrl(), values.client);
    stdout.write(values.json ? `${JSON.stringify(status)}\n` : `${statusLines(status).join('\n')}\n`);
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE');
    stderr.write(`${(error as Error).message}\n${isUsage === true ? `\n${USAGE}` : ''}`);
    return isUsage === true ? 2 : 1;
  }
}

async function askStatus(url: string, file: string | undefined): Promise<object> {
  if (!URL.canParse(url)) throw new UsageError('--url takes the FHIR base of a server, e.g. ' + DEFAULT_URL);
  const base = new URL(url.replace(/\/+$/, ''));
  const client = commandClient(base, file);
  if (client === undefined) throw new UsageError(NO_CLIENT);
  const authorization = (await signInAs(client, base)()) ?? '';
  const response = await fetch(`${base.href}/$dicom-status`, {
    headers: { authorization },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const body = (await response.json()) as { issue?: { diagnostics?: string }[] };
  if (response.ok) return body;
  throw new Error(body.issue?.[0]?.diagnostics ?? `${url} answers with status ${response.status}.`);
}
