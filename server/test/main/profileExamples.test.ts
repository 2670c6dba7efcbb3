import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CANONICAL_BASE, loadExamples } from '@maxray/fhir-profiles';
import type { Issue } from '../../src/fhir/outcome.ts';
import type { RunningServer } from '../../src/main.ts';
import { clientOf, type Client } from '../acceptance/support/client.ts';
import { startTestServer } from '../support/server.ts';

/** MaxRay's own profiles as a client meets them: on a server that demands what resources claim. */
let server: RunningServer;
let client: Client;
beforeAll(async () => {
  server = await startTestServer({ demo: true, validation: 'profiles' });
  client = clientOf(server.url);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const errorsOf = (text: string): { rule: string | undefined; expression: string | undefined }[] => {
  const { issue = [] } = JSON.parse(text) as { issue?: Issue[] };
  return issue
    .filter(({ severity }) => severity === 'error')
    .map(({ details, expression }) => {
      const [rule, key] = details?.coding ?? [];
      return { rule: key?.code ?? rule?.code, expression: expression?.[0] };
    });
};
const examples = loadExamples().map((example) => [`${example.profile}/${example.name}`, example] as const);

test.each(examples)('$validate and a write say of %s the same', async (_, { profile, resource, issues }) => {
  const { meta: _meta, ...unclaimed } = resource;
  const type = resource.resourceType;
  const validate = `${type}/$validate?profile=${CANONICAL_BASE}/StructureDefinition/${profile}`;
  for (const body of [resource, unclaimed]) {
    const { status, text } = await client.send(validate, { method: 'POST', body });
    expect([status, errorsOf(text)]).toEqual([200, issues]);
  }
  const written = await client.send(`${type}/${resource.id}`, { method: 'PUT', body: resource });
  if (issues.length === 0) expect([written.status, written.text]).toEqual([201, expect.any(String)]);
  else expect([written.status, errorsOf(written.text)]).toEqual([422, issues]);
});
