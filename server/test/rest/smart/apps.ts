import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const require = createRequire(import.meta.url);
const FHIR_CLIENT = path.join(
  path.dirname(require.resolve('fhirclient/package.json')),
  'build/fhir-client.pure.min.js',
);
const MEDPLUM = path.join(path.dirname(require.resolve('@medplum/core')), '../esm/index.mjs');

/** What an app's last page leaves in `window.result`. */
export interface AppResult {
  error?: string;
  patient?: string;
  encounter?: string;
  user?: string;
  found?: string[];
  refused?: string;
  made?: string;
}

export interface Apps {
  url: string;
  close(): Promise<void>;
}

/** A web server with apps that are written with clients of others: fhirclient (SMART) and @medplum/core. */
export async function serveApps(fhirBase: () => string): Promise<Apps> {
  const pages: Record<string, () => { type: string; body: string | Buffer }> = {
    '/fhir-client.js': () => ({ type: 'text/javascript', body: readFileSync(FHIR_CLIENT) }),
    '/medplum.mjs': () => ({ type: 'text/javascript', body: readFileSync(MEDPLUM) }),
    '/launch.html': () => html(launchPage(fhirBase())),
    '/app.html': () => html(appPage),
    // Where MedplumClient goes back to when nothing is said.
    '/': () => html(medplumPage(new URL(fhirBase()).origin)),
  };
  const server = createServer((request, response) => {
    const page = pages[request.url!.split('?')[0]!]?.();
    if (!page) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': page.type }).end(page.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const html = (body: string) => ({ type: 'text/html', body: `<!doctype html><title>App</title>${body}` });

/** Standalone, or with `iss` and `launch` from an EHR. `scope` comes in the query. */
const launchPage = (fhirBase: string) => `<script src="fhir-client.js"></script><script>
  const query = new URLSearchParams(location.search);
  FHIR.oauth2.authorize({
    clientId: 'smart-app',
    scope: query.get('scope'),
    redirectUri: 'app.html',
    pkceMode: 'required',
    ...(query.has('launch') ? {} : { iss: ${JSON.stringify(fhirBase)} }),
  });
</script>`;

const appPage = `<script src="fhir-client.js"></script><script>
  const names = (bundle) => (bundle.entry ?? []).map(({ resource }) => resource.resourceType + '/' + resource.id).sort();
  FHIR.oauth2.ready().then(async (client) => {
    const refused = await client.request('Patient/ben').then(() => 'shown', (error) => error.status ?? error.message);
    return {
      patient: client.patient.id, encounter: client.encounter.id, user: client.user.fhirUser,
      found: names(await client.request('Observation')), refused: String(refused),
    };
  }).catch((error) => ({ error: error.message })).then((result) => { window.result = result; });
</script>`;

const medplumPage = (origin: string) => `<script type="module">
  import { MedplumClient } from '/medplum.mjs';
  const told = (url, init) => fetch(url, init).catch((error) => { throw new Error(url + ': ' + error.message); });
  const medplum = new MedplumClient({ baseUrl: '${origin}/', fhirUrlPath: 'fhir/R4', clientId: 'smart-app', fetch: told });
  const run = async () => {
    await medplum.signInWithRedirect({ clientId: 'smart-app', scope: 'openid profile fhirUser user/*.cruds' });
    if (medplum.getAccessToken() === undefined) return undefined; // it goes to sign in
    const { profile } = await medplum.get('auth/me');
    const made = await medplum.createResource({ resourceType: 'Observation', status: 'final', code: { text: 'pulse' },
      subject: { reference: 'Patient/ann' }, performer: [{ reference: 'Patient/ann' }] });
    const found = await medplum.searchResources('Observation', { _id: made.id });
    return { user: profile.resourceType + '/' + profile.id, made: made.id, found: found.map(({ id }) => id) };
  };
  run().catch((error) => ({ error: error.message })).then((result) => { window.result = result; });
</script>`;
