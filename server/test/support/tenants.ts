import request from 'supertest';
import { clientAuthorization } from './administrator.ts';
import type { TestServer } from './server.ts';

/** A tenant as its own administrator client sees it. */
export interface TestTenant extends Pick<TestServer, 'url' | 'authorization' | 'api'> {
  name: string;
  /** FHIR base. */
  base: string;
  client: { id: string; secret: string };
}

type Parameter = { name: string; part?: Parameter[] } & Record<string, unknown>;

/** Calls an operation of the main store at its system level, with parameters that are texts. */
export const callOperation = (
  server: Pick<TestServer, 'api'>,
  name: string,
  parameters: Record<string, string>,
): request.Test =>
  server
    .api()
    .post(`/$${name}`)
    .set('Content-Type', 'application/fhir+json')
    .send(
      JSON.stringify({
        resourceType: 'Parameters',
        parameter: Object.entries(parameters).map(([key, value]) => ({ name: key, valueString: value })),
      }),
    );

/** Makes a tenant, and signs its first administrator client in. */
export async function makeTenant(server: TestServer, name: string): Promise<TestTenant> {
  const answer = await callOperation(server, 'create-tenant', { name });
  if (answer.status !== 201) throw new Error(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  const client = clientIn(answer.body);
  const url = `${server.url}/t/${name}`;
  const base = `${url}/fhir/R4`;
  const authorization = await clientAuthorization(url, client);
  const api = () => request.agent(base).set('Authorization', authorization);
  return { name, url, base, client, authorization, api };
}

/** The client that `$create-tenant` answers with. */
export function clientIn(body: unknown): { id: string; secret: string } {
  const { parameter } = body as { parameter: Parameter[] };
  const of = (name: string) => parameter.find((one) => one.name === name)!;
  return { id: of('clientId').valueId as string, secret: of('clientSecret').valueString as string };
}

/** Tenants as `$tenants` lists them: `name state`. */
export function listed(body: unknown): string[] {
  const { parameter = [] } = body as { parameter?: Parameter[] };
  return parameter.map(({ part = [] }) => `${String(part[0]!.valueString)} ${String(part[1]!.valueCode)}`);
}
