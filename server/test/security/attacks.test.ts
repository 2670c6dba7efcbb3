import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import request from 'supertest';
import { People } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { FHIR, fhir } from '../rest/support.ts';

const SCRIPT = '<script>alert(document.cookie)</script>';
const PAGE = `<!DOCTYPE html><html><body>${SCRIPT}</body></html>`;

let server: TestServer;
let people: People;
/** Values of Authorization. */
const as: Record<string, string> = {};
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare('maxray-patient');
  for (const id of ['ann', 'ben']) {
    await people.put({ resourceType: 'Patient', id });
    for (let i = 0; i < 3; i++)
      await people.put({
        ...{ resourceType: 'Observation', id: `${id}-${i}`, status: 'final', code: { text: 'x' } },
        subject: { reference: `Patient/${id}` },
        identifier: [{ system: 'urn:secret', value: `${id}-${i}` }],
      });
    as[id] = await people.client(id, { profile: `Patient/${id}`, policies: ['maxray-patient'] });
  }
  await people.policy('writer', [
    { resourceType: 'Observation', criteria: 'Observation?subject=%patient' },
    { resourceType: 'Patient', criteria: 'Patient?_id=ann' },
  ]);
  await people.policy('everything', [{ resourceType: '*' }]);
  as.everything = await people.client('everything', { profile: 'Patient/ann', policies: ['everything'] });
  as.writer = await people.client('writer', { profile: 'Patient/ann', policies: ['writer'] });
});
afterAll(() => server.stop());

const api = (authorization = server.authorization) =>
  request.agent(`${server.url}/fhir/R4`).set('Authorization', authorization);

describe('a script that is stored', () => {
  const harmless = ({ headers }: request.Response) => {
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain('sandbox');
    expect(headers['content-disposition']).toMatch(/^attachment/);
  };

  test.each(['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/xml', 'application/javascript'])(
    'as Binary of %s does not run on our origin',
    async (type) => {
      const made = await api().post('/Binary').set('Content-Type', type).send(Buffer.from(PAGE)).expect(201);
      const { id } = made.body as { id: string };
      for (const accept of ['*/*', 'text/html', type])
        harmless(await api().get(`/Binary/${id}`).set('Accept', accept).expect(200));
      harmless(await api().get(`/Binary/${id}/_history/1`).set('Accept', type).expect(200));
    },
  );

  test('as Binary in FHIR does not either', async () => {
    const body = {
      resourceType: 'Binary',
      contentType: 'text/html',
      data: Buffer.from(PAGE).toString('base64'),
    };
    const made = await api().post('/Binary').set('Content-Type', FHIR).send(fhir(body)).expect(201);
    const { id } = made.body as { id: string };
    harmless(await api().get(`/Binary/${id}`).set('Accept', 'text/html').expect(200));
  });

  test.each([
    SCRIPT,
    '<img src="x" onerror="alert(1)"/>',
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="https://evil.example"></iframe>',
    '<p style="background:url(javascript:alert(1))" onclick="alert(1)">x</p>',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    '<object data="x"/>',
    '<form action="https://evil.example"><input/></form>',
  ])('as Narrative is refused: %s', async (content) => {
    const div = `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;
    const body = { resourceType: 'Patient', text: { status: 'generated', div } };
    const answer = await api().post('/Patient').set('Content-Type', FHIR).send(fhir(body));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  test('as Attachment, name or id comes back as FHIR, which no browser shows as a page', async () => {
    const data = Buffer.from(PAGE).toString('base64');
    const body = {
      resourceType: 'DocumentReference',
      status: 'current',
      description: SCRIPT,
      content: [{ attachment: { contentType: 'text/html', data, title: SCRIPT } }],
    };
    const made = await api()
      .post('/DocumentReference')
      .set('Content-Type', FHIR)
      .send(fhir(body))
      .expect(201);
    const { id } = made.body as { id: string };
    for (const accept of ['text/html', '*/*', 'application/fhir+xml'])
      for (const path of [
        `/DocumentReference/${id}`,
        `/DocumentReference?_id=${id}`,
        `/${encodeURIComponent(SCRIPT)}`,
      ]) {
        const { headers } = await api().get(path).set('Accept', accept);
        expect(headers['content-type']).toMatch(/^application\/fhir\+(json|xml)/);
        expect(headers['x-content-type-options']).toBe('nosniff');
      }
  });

  test('in what an error quotes does not run either', async () => {
    for (const path of [
      `/fhir/R4/Patient?${SCRIPT}=1`,
      `/fhir/R4/${SCRIPT}`,
      `/${SCRIPT}`,
      `/oauth2/${SCRIPT}`,
    ]) {
      const { headers, text } = await request(server.url).get(encodeURI(path)).set('Accept', 'text/html');
      const isPage = /html/.test(headers['content-type'] ?? '');
      expect(isPage && text.includes(SCRIPT)).toBe(false);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });
});

describe('a path that climbs', () => {
  /** Sends a request target as it is, which fetch and supertest would tidy up. */
  const raw = (target: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port, host } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
      socket.on('error', reject);
      const auth = `Authorization: ${server.authorization}`;
      socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${auth}\r\nConnection: close\r\n\r\n`);
    });

  const UP = ['..', '%2e%2e', '%2E%2E', '..%2f', '..%5c', '%252e%252e', '....//', '%c0%ae%c0%ae'];
  test.each(UP)('by %s leads nowhere', async (up) => {
    const climb = `${up}/${up}/${up}/${up}/${up}`;
    const targets = [
      `/${climb}/etc/passwd`,
      `/fhir/R4/${climb}/etc/passwd`,
      `/fhir/R4/Binary/${climb}/etc/passwd`,
      `/fhir/R4/Patient/${climb}/secret.key`,
      `/fhir/R4/_jobs/${climb}/secret.key`,
      `/fhir/R4/_jobs/x/${climb}/secret.key`,
      `/oauth2/${climb}/secret.key`,
      `/oauth2/interaction/${climb}/secret.key`,
      `/.well-known/${climb}/secret.key`,
    ];
    for (const target of targets) {
      const answer = await raw(target);
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(answer).not.toContain('root:');
    }
  });
});

describe('what may not be seen', () => {
  test('is not found by guessing ids, and is answered as what is not there', async () => {
    for (const path of [
      '/Patient/ben',
      '/Observation/ben-0',
      '/Observation/ben-0/_history/1',
      '/Patient/ben/_history',
    ]) {
      const hidden = await api(as.ann!).get(path);
      const absent = await api(as.ann!).get(path.replace('ben', 'nobody'));
      expect([hidden.status, absent.status]).toEqual([404, 404]);
      expect(hidden.text.replaceAll('ben', 'nobody')).toBe(absent.text);
    }
  });

  test('is not shown by a cursor of somebody else', async () => {
    const { body } = await api(as.ann!).get('/Observation?_count=1').expect(200);
    const links = (body as { link: { relation: string; url: string }[] }).link;
    const next = links.find(({ relation }) => relation === 'next')!.url.replace(`${server.url}/fhir/R4`, '');
    await api(as.ann!).get(next).expect(200);
    for (const other of [as.ben!, server.authorization]) {
      const answer = await api(other).get(next);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain('ann-');
    }
  });

  test('is not told by conditional requests', async () => {
    const send = (method: 'delete' | 'patch', identifier: string) => {
      const agent = api(as.writer!);
      const path = `/Observation?identifier=urn:secret|${identifier}`;
      if (method === 'delete') return agent.delete(path);
      const patch = '[{"op":"replace","path":"/status","value":"amended"}]';
      return agent.patch(path).set('Content-Type', 'application/json-patch+json').send(patch);
    };
    for (const method of ['delete', 'patch'] as const) {
      const hidden = await send(method, 'ben-1');
      const absent = await send(method, 'nobody-1');
      expect(hidden.status).toBe(absent.status);
      expect(hidden.text.replaceAll('ben', 'nobody')).toBe(absent.text);
    }
    await api().get('/Observation/ben-1').expect(200);
    const etag = (await api().get('/Observation/ben-2')).headers.etag!;
    for (const header of ['If-None-Match', 'If-Match'])
      expect((await api(as.ann!).get('/Observation/ben-2').set(header, etag)).status).toBe(404);
    const since = new Date(0).toUTCString();
    expect((await api(as.ann!).get('/Observation/ben-2').set('If-Modified-Since', since)).status).toBe(404);
  });
});

describe('rights', () => {
  test.each(['ann', 'writer', 'everything'])(
    'cannot be given by %s to itself, by any way to write',
    async (who) => {
      const policy = {
        resourceType: 'AccessPolicy',
        id: 'mine',
        name: 'mine',
        resource: [{ resourceType: '*' }],
      };
      const membership = {
        resourceType: 'ProjectMembership',
        id: who,
        admin: true,
        project: { reference: 'Project/maxray' },
        user: { reference: `ClientApplication/${who}` },
        profile: { reference: 'Patient/ann' },
      };
      const user = { resourceType: 'User', id: 'mine', firstName: 'A', lastName: 'B', email: 'a@b.example' };
      const agent = () => api(as[who]!).set('Content-Type', FHIR);
      const statuses: number[] = [];
      for (const resource of [
        policy,
        membership,
        user,
        { resourceType: 'ClientApplication', id: who, name: 'x' },
      ]) {
        const path = `/${resource.resourceType}/${resource.id}`;
        const entry = [{ resource, request: { method: 'PUT', url: path.slice(1) } }];
        const patch = [{ op: 'add', path: '/admin', value: true }];
        statuses.push(
          (await agent().put(path).send(fhir(resource))).status,
          (await agent().post(`/${resource.resourceType}`).send(fhir(resource))).status,
          (await agent().put(`/${resource.resourceType}?_id=${resource.id}`).send(fhir(resource))).status,
          (await agent().delete(path)).status,
          (await agent().set('Content-Type', 'application/json-patch+json').patch(path).send(fhir(patch)))
            .status,
          (
            await agent()
              .post('/')
              .send(fhir({ resourceType: 'Bundle', type: 'transaction', entry }))
          ).status,
        );
        const batch = await agent()
          .post('/')
          .send(fhir({ resourceType: 'Bundle', type: 'batch', entry }));
        const [{ response }] = (batch.body as { entry: [{ response: { status: string } }] }).entry;
        statuses.push(Number(response.status.slice(0, 3)));
      }
      expect(statuses.filter((status) => ![403, 404].includes(status))).toEqual([]);
      for (const [path, name] of [
        [`/ClientApplication/${who}/$rotate-secret`, 'x'],
        ['/User/mine/$set-password', 'password'],
      ] as const) {
        const body = {
          resourceType: 'Parameters',
          parameter: [{ name, valueString: 'correct horse battery' }],
        };
        expect([400, 403, 404]).toContain((await agent().post(path).send(fhir(body))).status);
      }
      const { body } = await api().get(`/ProjectMembership/${who}`).expect(200);
      expect(body).not.toHaveProperty('admin');
      await api().get('/AccessPolicy/mine').expect(404);
      await api().get('/User/mine').expect(404);
    },
  );
});
