import { parseArgs } from 'node:util';
import { signIn } from './server.ts';
import { walkThrough } from './walkthrough.ts';

// Those of a server that was started with the same variables.
const { PORT, DICOM_PORT } = process.env;
const ROOT = `http://127.0.0.1:${PORT || 8103}`;
const DICOM = `127.0.0.1:${DICOM_PORT || 11112}`;

const USAGE = `npm run demo:xray -- [--url http://127.0.0.1:8103] [--dicom 127.0.0.1:11112] [--ae MAXRAY]

Has an X-ray ordered, taken by a simulated unit, stored, reported and charged on a running server with the demo clinic.
`;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: ROOT },
    dicom: { type: 'string', default: DICOM },
    ae: { type: 'string', default: 'MAXRAY' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function run(): Promise<void> {
  const root = values.url.replace(/\/$/, '');
  const [host = '', port = ''] = values.dicom.split(':');
  let number = 0;
  const say = (step: string, ...links: string[]): void => {
    number += 1;
    console.log([`${number}. ${step}`, ...links.map((link) => `     ${link}`)].join('\n'));
  };
  const medplum = await signIn(root);
  await walkThrough({ medplum, root, dicom: { host, port: Number(port), called: values.ae }, say });
}

if (values.help) process.stdout.write(USAGE);
else
  await run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
