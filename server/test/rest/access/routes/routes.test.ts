import { demoUsers } from '@maxray/seed';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { RouteWorld, WATCHED, shownIn, type Bundle, type Name } from './world.ts';

jest.setTimeout(600_000);

const ROLES = demoUsers().map(({ policy }) => policy);
const SUBSCRIPTION_ROUTES = [
  'Subscription/[id]/$status',
  'Subscription/$status?id=[id]',
  'Subscription/[id]/$events',
  'Subscription/[id]/$signing-key',
  'Subscription/[id]/$get-ws-binding-token',
  'Subscription/$get-ws-binding-token?id=[id]',
];
let world: RouteWorld;
let types: string[];
beforeAll(async () => {
  world = await RouteWorld.open();
  types = [...new Set(world.all.map((name) => name.split('/')[0]!))].sort();
});
afterAll(() => world.close());

const ofType = (names: Iterable<Name>, type: string) =>
  [...names].filter((name) => name.startsWith(`${type}/`)).sort();
/** What is shown and may not be seen; of what was stored before the walk. */
const leaked = (sees: ReadonlySet<Name>, names: readonly Name[]) =>
  names.filter((name) => !sees.has(name) && world.all.includes(name));

test('the roles see different things: some all, some a part, none nothing', () => {
  const patients = (role: string) => ofType(world.caller(role).sees, 'Patient').length;
  expect(patients('maxray-admin')).toBe(3);
  expect(patients('maxray-patient')).toBe(1);
  expect(world.caller('maxray-admin').sees.size).toBe(world.all.length);
  for (const role of ROLES) expect([role, world.caller(role).sees.size]).not.toEqual([role, 0]);
  const seen = ROLES.map((role) => [...world.caller(role).sees].sort().join());
  // Of three patients' year nobody has to radiograph one, or to dispatch for one: two roles may see the same.
  expect(new Set(seen).size).toBeGreaterThanOrEqual(ROLES.length - 1);
});

describe.each(ROLES)('%s', (role) => {
  test('finds by search what a read shows, and counts no more', async () => {
    const { client, sees } = world.caller(role);
    for (const type of types) {
      const pages = await world.pages(client, `${type}?_count=200&_total=accurate`);
      const visible = ofType(sees, type);
      const found = pages && shownIn(pages).sort();
      // Refused is only a type of which nothing may be searched.
      expect([type, found ?? []]).toEqual([type, pages === undefined ? [] : visible]);
      if (pages) expect([type, pages[0]!.total]).toEqual([type, visible.length]);
      const counted = await client.send(`${type}?_summary=count`);
      if (counted.status === 200)
        expect([type, (JSON.parse(counted.text) as Bundle).total]).toEqual([type, visible.length]);
    }
  });

  test('is shown nothing else by histories, versions and batches', async () => {
    const { client, sees } = world.caller(role);
    for (const path of ['_history?_count=500', ...types.map((type) => `${type}/_history?_count=500`)]) {
      const pages = await world.pages(client, path);
      expect([path, leaked(sees, shownIn(pages ?? []))]).toEqual([path, []]);
      const named = (pages ?? []).flatMap(({ entry = [] }) => entry.map(({ request }) => request?.url ?? ''));
      expect([path, leaked(sees, named)]).toEqual([path, []]);
    }
    const urls = world.all.flatMap((name) => [name, `${name}/_history/1`]);
    const body = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: urls.map((url) => ({ request: { method: 'GET', url } })),
    };
    const { status, text } = await client.send('', { method: 'POST', body });
    expect(status).toBe(200);
    const statuses = (JSON.parse(text) as Bundle).entry!.map(({ response }) => response!.status.slice(0, 3));
    for (const [i, name] of world.all.entries()) {
      const answers = statuses.slice(2 * i, 2 * i + 2);
      if (sees.has(name)) expect([name, answers[0]]).toEqual([name, '200']);
      else
        for (const answer of [...answers, String((await client.send(`${name}/_history`)).status)])
          expect([name, answer]).toEqual([name, expect.stringMatching(/^40[34]$/)]);
    }
  });

  test('is shown nothing else by what comes along, compartments and operations', async () => {
    const { client, sees } = world.caller(role);
    const patients = ofType(world.all, 'Patient');
    const paths = [
      'Patient?_revinclude=*&_count=50',
      'Encounter?_include=*&_count=50',
      'Observation?_include=Observation:subject&_include:iterate=Patient:general-practitioner&_count=200',
      '?_type=Patient,Observation,Claim&_count=300',
      ...patients.flatMap((patient) => [
        `${patient}/$everything?_count=500`,
        `${patient}/*?_count=500`,
        `${patient}/Observation?_count=500`,
        `Observation/$lastn?patient=${patient}&category=laboratory,vital-signs&_count=500`,
        `${patient}/$access-report`,
      ]),
      ...ofType(world.all, 'Encounter').map((encounter) => `${encounter}/$everything`),
      ...ofType(world.all, 'Composition').map((composition) => `${composition}/$document`),
    ];
    for (const path of paths) {
      const pages = await world.pages(client, path);
      const shown = shownIn(pages ?? []).filter((name) => !name.startsWith('AuditEvent/'));
      expect([path, leaked(sees, shown)]).toEqual([path, []]);
      const [, hidden] = /^(Patient\/[^/?]+)\/\$/.exec(path) ?? [];
      if (hidden !== undefined && !sees.has(hidden)) expect([path, pages]).toEqual([path, undefined]);
    }
  });

  test('is told nothing of the rest by chains, _has and criteria', async () => {
    const { client, sees } = world.caller(role);
    const counted = async (path: string) => {
      const { status, text } = await client.send(`${path}&_summary=count`);
      return status === 200 ? (JSON.parse(text) as Bundle).total : 0;
    };
    for (const name of world.all.filter((one) => !sees.has(one))) {
      const [type, id] = name.split('/') as [string, string];
      if (type === 'Observation')
        expect([name, await counted(`Patient?_has:Observation:patient:_id=${id}`)]).toEqual([name, 0]);
      if (type === 'Patient') {
        expect([name, await counted(`Observation?subject:Patient._id=${id}`)]).toEqual([name, 0]);
        expect([name, await counted(`Encounter?subject:Patient.active=true&subject=${id}`)]).toEqual([
          name,
          0,
        ]);
      }
      expect([name, await counted(`${type}?_id=${id}`)]).toEqual([name, 0]);
    }
  });

  test('changes nothing that may not be seen', async () => {
    const { client, sees } = world.caller(role);
    const hidden = types.flatMap((type) =>
      ofType(world.all, type)
        .filter((name) => !sees.has(name))
        .slice(0, 2),
    );
    for (const name of hidden) {
      const before = await world.administrator.send(name);
      const body = before.text;
      const answers = [
        await client.send(name, { method: 'PUT', body }),
        await client.send(name, { method: 'PUT', body, headers: { 'if-match': 'W/"1"' } }),
        await client.send(name, {
          method: 'PATCH',
          body: '[{"op":"test","path":"/id","value":"x"}]',
          headers: { 'content-type': 'application/json-patch+json' },
        }),
        await client.send(`${name}/$meta-add`, {
          method: 'POST',
          body: {
            resourceType: 'Parameters',
            parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }],
          },
        }),
      ];
      for (const { status } of answers)
        expect([name, [403, 404, 412].includes(status)]).toEqual([name, true]);
      const deleted = await client.send(name, { method: 'DELETE' });
      expect([name, [204, 403, 404].includes(deleted.status)]).toEqual([name, true]);
      expect((await world.administrator.send(name)).text).toBe(before.text);
    }
  });

  test('is told of no event that may not be seen, and by a Subscription of nothing without the right to it', async () => {
    const { client, subscriber, sees } = world.caller(role);
    const isAdministrator = role === 'maxray-admin';
    for (const [id, type] of Object.entries(WATCHED)) {
      const subscription = `Subscription/${id}`;
      for (const path of SUBSCRIPTION_ROUTES.map((route) => route.replace('[id]', id)))
        expect([path, (await client.send(path)).status]).toEqual([
          path,
          isAdministrator && !path.endsWith('key') ? 200 : 403,
        ]);
      expect((await subscriber.send(`${subscription}/$status`)).status).toBe(200);
      expect((await subscriber.send(`${subscription}/$get-ws-binding-token`)).status).toBe(200);
      // For whoever wrote it, and administrators: who may do everything is none yet.
      expect((await subscriber.send(`${subscription}/$signing-key`)).status).toBe(403);
      const { status, text } = await subscriber.send(`${subscription}/$events?content=full-resource`);
      expect(status).toBe(200);
      const [, ...told] = (JSON.parse(text) as Bundle).entry!;
      const shown = told.map(({ resource }) => `${resource!.resourceType}/${resource!.id}`);
      // Purposes that consents ask for are those of all policies together: less may be seen with one more.
      const visible: Name[] = [];
      for (const name of ofType(sees, type))
        if ((await subscriber.send(name)).status === 200) visible.push(name);
      expect([id, [...new Set(shown)].sort()]).toEqual([id, visible]);
      for (const name of ofType(world.all, type).filter((one) => !sees.has(one)))
        expect(text).not.toContain(`${name}"`);
    }
  });

  if (role !== 'maxray-admin')
    test('administers nothing', async () => {
      const { client } = world.caller(role);
      const reads = [
        'User',
        'ProjectMembership',
        'AccessPolicy',
        'ClientApplication',
        'Project',
        'AuditEvent',
        'Bot',
      ];
      for (const path of [
        ...reads,
        'AuditEvent/audit-1',
        '$reindex',
        'Subscription/$dead-letters',
        'Bot/any/$run-log',
      ])
        expect([path, (await client.send(path)).status]).toEqual([path, 403]);
      // Streams of events do not end where they may be read.
      for (const id of Object.keys(WATCHED))
        expect((await client.send(`Subscription/${id}/$events-stream`)).status).toBe(403);
      for (const path of ['$import', '$reindex', 'Subscription/$dead-letters']) {
        const { status } = await client.send(path, {
          method: 'POST',
          body: { resourceType: 'Parameters' },
          headers: { prefer: 'respond-async' },
        });
        expect([path, [400, 403].includes(status)]).toEqual([path, true]);
      }
      for (const path of [
        'Bot/any/$execute',
        'Bot/$execute?identifier=https://example.com|any',
        'Bot/any/$deploy',
      ]) {
        const { status } = await client.send(path, {
          method: 'POST',
          body: { code: '', filename: 'index.js' },
        });
        expect([path, status]).toEqual([path, 403]);
      }
      const patient = ofType(world.all, 'Patient')[0]!;
      for (const path of [`${patient}/$erase`, 'User/1/$reset-second-factors', 'User/1/$send-verification']) {
        const parameter = [{ name: 'dryRun', valueBoolean: true }];
        const body = { resourceType: 'Parameters', ...(path.endsWith('erase') && { parameter }) };
        expect([path, (await client.send(path, { method: 'POST', body })).status]).toEqual([path, 403]);
      }
      expect((await client.send('Patient?_explain=true')).status).toBe(403);
      expect((await client.send('_jobs/00000000-0000-0000-0000-000000000000')).status).toBe(404);
    });
});
