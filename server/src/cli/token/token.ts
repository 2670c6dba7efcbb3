import { parseArgs } from 'node:util';
import { commandClient } from '../administrator.ts';
import { DEFAULT_URL, ownUrl } from '../serverUrl.ts';
import { NO_CLIENT, signInAs } from '../signIn.ts';
import { UsageError } from '../usageError.ts';

const USAGE = `npm run -s token -- [--url ${DEFAULT_URL}] [--client FILE]

Prints an access token of the administrator client, or of the client of a JSON file with client_id and client_secret.
`;

interface Io {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
}

/** The command `maxray token`. @returns the exit code: 0 well, 1 no token, 2 not understood */
export async function runToken(args: string[], { stdout, stderr }: Io): Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      options: {
        url: { type: 'string' },
        client: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) stdout.write(USAGE);
    else stdout.write(`${await newToken(values.url ?? ownUrl(), values.client)}\n`);
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE');
    stderr.write(`${(error as Error).message}\n${isUsage === true ? `\n${USAGE}` : ''}`);
    return isUsage === true ? 2 : 1;
  }
}

async function newToken(url: string, file: string | undefined): Promise<string> {
  if (!URL.canParse(url)) throw new UsageError('--url takes the FHIR base of a server, e.g. ' + DEFAULT_URL);
  const base = new URL(url);
  const client = commandClient(base, file);
  if (client === undefined) throw new UsageError(NO_CLIENT);
  const authorization = await signInAs(client, base)();
  if (authorization === undefined) throw new Error(`${url} wants nobody to sign in.`);
  return authorization.replace('Bearer ', '');
}
