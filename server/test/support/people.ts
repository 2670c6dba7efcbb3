import { loadRoles } from '@maxray/fhir-profiles';
import type { AccessPolicy } from '@medplum/fhirtypes';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Browser } from '../identity/browser.ts';
import { clientAuthorization } from './administrator.ts';
import type { TestServer } from './server.ts';

const REDIRECT_URI = 'https://app.example/callback';
/** An app of the organisation's own: nobody is asked for consent. */
const APP = 'first-party-app';
const FIRST_PARTY = 'https://maxray.example/fhir/StructureDefinition/maxray-client-first-party';

export interface Person {
  id: string;
  email: string;
  password: string;
}

/** Who somebody is: a profile, and policies by their ids. */
export interface Standing {
  profile: string;
  policies: readonly string[];
  admin?: boolean;
}

/** People and clients with memberships, on a test server. */
export class People {
  readonly #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** Stores the app, the Project and policies of MaxRay's roles, by their ids. */
  async prepare(...policies: string[]): Promise<void> {
    await this.put({ resourceType: 'Project', id: 'maxray', name: 'MaxRay' });
    await this.put({
      resourceType: 'ClientApplication',
      id: APP,
      name: 'First-party app',
      redirectUris: [REDIRECT_URI],
      extension: [{ url: FIRST_PARTY, valueBoolean: true }],
    });
    for (const { policy } of loadRoles()) if (policies.includes(policy.id)) await this.put(policy);
  }

  async put(resource: object): Promise<void> {
    const { resourceType, id } = resource as { resourceType: string; id: string };
    const answer = await this.#server
      .api()
      .put(`/${resourceType}/${id}`)
      .set('Content-Type', 'application/fhir+json')
      .send(JSON.stringify(resource));
    if (answer.status >= 300)
      throw new Error(`${resourceType}/${id}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  policy(id: string, resource: AccessPolicy['resource']): Promise<void> {
    return this.put({ resourceType: 'AccessPolicy', id, name: id, resource } as AccessPolicy & {
      id: string;
    });
  }

  async person(id: string, standing: Standing): Promise<Person> {
    const person = { id, email: `${id}@clinic.example`, password: randomUUID() };
    await this.put({
      resourceType: 'User',
      id,
      firstName: id,
      lastName: 'Tester',
      email: person.email,
    });
    await this.#membership(`User/${id}`, id, standing);
    await this.#post(`/User/${id}/$set-password`, [{ name: 'password', valueString: person.password }]);
    return person;
  }

  /** A client that acts for itself. @returns the value of the header Authorization */
  async client(id: string, standing: Standing, scope?: string): Promise<string> {
    await this.put({ resourceType: 'ClientApplication', id, name: id });
    await this.#membership(`ClientApplication/${id}`, id, standing);
    const answer = await this.#post(`/ClientApplication/${id}/$rotate-secret`, []);
    const { parameter } = answer as { parameter: { valueString: string }[] };
    return clientAuthorization(this.#server.url, { id, secret: parameter[0]!.valueString }, scope);
  }

  /** Signs a person in to the app, by authorization code and PKCE. @returns the value of the header Authorization */
  async authorization(person: Person, scope = 'openid fhirUser user/*.cruds'): Promise<string> {
    return `Bearer ${(await this.tokens(person, scope)).access_token}`;
  }

  /** @param more of the authorization request @returns what the token endpoint answered */
  async tokens(person: Person, scope: string, more: object = {}): Promise<Record<string, string>> {
    const { url } = this.#server;
    const verifier = randomBytes(32).toString('base64url');
    const browser = new Browser(url, url);
    const asked = {
      response_type: 'code',
      client_id: APP,
      redirect_uri: REDIRECT_URI,
      scope,
      state: 'state',
      aud: `${url}/fhir/R4`,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    };
    await browser.open(`${url}/oauth2/authorize?${new URLSearchParams(asked)}`);
    await browser.submit({ email: person.email, password: person.password, action: 'sign-in' });
    const code = browser.url.startsWith(REDIRECT_URI) ? browser.query.get('code') : null;
    if (code === null) throw new Error(`no code at ${browser.url}: ${browser.text.slice(-800)}`);
    const response = await fetch(`${url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: APP,
        redirect_uri: REDIRECT_URI,
        code,
        code_verifier: verifier,
      }),
    });
    const body = (await response.json()) as Record<string, string>;
    if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
    return body;
  }

  async #membership(user: string, id: string, { profile, policies, admin }: Standing): Promise<void> {
    await this.put({
      resourceType: 'ProjectMembership',
      id,
      project: { reference: 'Project/maxray' },
      user: { reference: user },
      profile: { reference: profile },
      access: policies.map((policy) => ({ policy: { reference: `AccessPolicy/${policy}` } })),
      ...(admin === true && { admin: true }),
    });
  }

  async #post(path: string, parameter: object[]): Promise<object> {
    const answer = await this.#server
      .api()
      .post(path)
      .set('Content-Type', 'application/fhir+json')
      .send(JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }));
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as object;
  }
}
