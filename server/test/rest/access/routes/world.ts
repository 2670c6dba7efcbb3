import { demoClinic, demoUsers, officeStaff, type DemoUser } from '@maxray/seed';
import { clientOf, inFlight, type Client } from '../../../acceptance/support/client.ts';
import { People } from '../../../support/people.ts';
import { startTestServer, type TestServer } from '../../../support/server.ts';

/** Patients of the demo clinic that the walk has: enough for some to be out of reach. */
const PATIENTS = 3;
const READS_IN_FLIGHT = 8;

/** A resource by its type and id, `Patient/1`. */
export type Name = string;

export interface Bundle {
  total?: number;
  link?: { relation: string; url: string }[];
  entry?: {
    fullUrl?: string;
    resource?: { resourceType: string; id?: string };
    request?: { url: string };
    response?: { status: string };
  }[];
}

/** Somebody in a role, and what a read of each resource lets him or her see. */
export interface RoleCaller {
  role: string;
  client: Client;
  sees: ReadonlySet<Name>;
  /** The same, who may read Subscriptions besides. */
  subscriber: Client;
}

/** Types of whose resources the administrator's Subscriptions are told, by the ids of these. */
export const WATCHED: Readonly<Record<string, string>> = { patients: 'Patient', encounters: 'Encounter' };
const SUBSCRIBING = 'subscribing';

/** The demo clinic on a server, and somebody of each role. */
export class RouteWorld {
  readonly server: TestServer;
  readonly administrator: Client;
  readonly all: readonly Name[];
  readonly callers = new Map<string, RoleCaller>();

  private constructor(server: TestServer, administrator: Client, all: readonly Name[]) {
    this.server = server;
    this.administrator = administrator;
    this.all = all;
  }

  static async open(): Promise<RouteWorld> {
    const server = await startTestServer({ roles: true });
    const administrator = clientOf(server.url);
    const all: Name[] = [];
    await new People(server).policy(SUBSCRIBING, [{ resourceType: 'Subscription' }]);
    for (const [id, criteria] of Object.entries(WATCHED)) {
      await new People(server).put(watching(id, criteria));
      all.push(`Subscription/${id}`);
    }
    const bundles = [...demoClinic({ patients: PATIENTS })].map(({ entry }) => entry);
    for (const entry of [...bundles, officeStaff().map((resource) => putOf(resource))]) {
      const body = { resourceType: 'Bundle', type: 'transaction', entry };
      const { status, text } = await administrator.send('', { method: 'POST', body });
      if (status !== 200) throw new Error(text.slice(0, 500));
      all.push(...entry.map(({ request }) => request.url));
    }
    const world = new RouteWorld(server, administrator, all);
    for (const user of demoUsers()) await world.#add(user);
    return world;
  }

  /** A client with the user's profile and policy: what is asked is the policy, not how somebody signed in. */
  async #add({ id, policy, profile }: DemoUser): Promise<void> {
    const people = new People(this.server);
    const authorization = await people.client(id, { profile, policies: [policy] });
    const client = clientOf(this.server.url, READS_IN_FLIGHT, async () => authorization);
    const sees = new Set<Name>();
    await inFlight(READS_IN_FLIGHT, this.all, async (name) => {
      const { status } = await client.send(name);
      if (status === 200) sees.add(name);
      else if (status !== 404 && status !== 403) throw new Error(`${policy}: GET ${name}: ${status}`);
    });
    const policies = [policy, SUBSCRIBING];
    const subscribing = await people.client(`${id}-subscriber`, { profile, policies });
    const subscriber = clientOf(this.server.url, READS_IN_FLIGHT, async () => subscribing);
    this.callers.set(policy, { role: policy, client, sees, subscriber });
  }

  caller(role: string): RoleCaller {
    return this.callers.get(role)!;
  }

  /** All pages of a search or history. Undefined where it is refused. */
  async pages(client: Client, path: string): Promise<Bundle[] | undefined> {
    const pages: Bundle[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const { status, text } = await client.send(next);
      if ((status === 403 || status === 404) && pages.length === 0) return undefined;
      if (status !== 200) throw new Error(`GET ${next}: ${status} ${text.slice(0, 300)}`);
      const page = JSON.parse(text) as Bundle;
      pages.push(page);
      next = page.link?.find(({ relation }) => relation === 'next')?.url.split('/fhir/R4/')[1];
    }
    return pages;
  }

  async close(): Promise<void> {
    this.administrator.close();
    for (const { client, subscriber } of this.callers.values()) {
      client.close();
      subscriber.close();
    }
    await this.server.stop();
  }
}

const watching = (id: string, criteria: string) => ({
  ...{ resourceType: 'Subscription', id, status: 'requested', reason: 'test', criteria },
  channel: { type: 'websocket', payload: 'application/fhir+json' },
});

const putOf = (resource: { resourceType: string; id?: string }) => {
  const url = `${resource.resourceType}/${resource.id}`;
  return { fullUrl: `http://maxray.example/fhir/${url}`, resource, request: { method: 'PUT', url } };
};

/** Resources that an answer shows, by name; OperationOutcomes are none. */
export const shownIn = (bundles: readonly Bundle[]): Name[] =>
  bundles.flatMap(({ entry = [] }) =>
    entry.flatMap(({ resource }) =>
      resource === undefined || resource.resourceType === 'OperationOutcome'
        ? []
        : [`${resource.resourceType}/${resource.id}`],
    ),
  );
