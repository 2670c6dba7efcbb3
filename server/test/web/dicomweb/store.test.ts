import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type request from 'supertest';
import { until } from '../../audit/support.ts';
import { makeTenant } from '../../support/tenants.ts';
import { CHEST, openWorld, studyOf, type World } from './world.ts';

const BOUNDARY = 'b0und';
const RELATED = `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`;

let world: World;
let sender: string;
let reader: string;
beforeAll(async () => {
  world = await openWorld(`test_${randomUUID().replaceAll('-', '')}`);
  const { people } = world;
  await people.put({ resourceType: 'Practitioner', id: 'radiographer' });
  await people.policy('sender', [
    {
      resourceType: 'ImagingStudy',
      criteria: 'ImagingStudy?performer=Practitioner/radiographer',
      interaction: ['create'],
    },
  ]);
  await people.policy('reader', [{ resourceType: 'ImagingStudy', interaction: ['search', 'read'] }]);
  sender = await people.client('sender', { profile: 'Practitioner/radiographer', policies: ['sender'] });
  reader = await people.client('reader', { profile: 'Practitioner/radiographer', policies: ['reader'] });
});
afterAll(() => world.stop());
beforeEach(() => {
  world.bridge.stored.length = 0;
  world.bridge.asked.length = 0;
});

const related = (...bodies: (string | Buffer)[]): Buffer =>
  Buffer.concat([
    ...bodies.flatMap((body) => [
      Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`),
      Buffer.from(body),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
const post = (path: string, body: Buffer, type = RELATED, authorization = sender): request.Test =>
  world
    .dicomweb(authorization)
    .post(path)
    .set('Content-Type', type)
    .set('Accept', 'application/dicom+json')
    .send(body);
const bodyOf = (answer: request.Response) =>
  JSON.parse(String(answer.body instanceof Buffer ? answer.body : answer.text)) as unknown;

describe('objects that are sent', () => {
  test('come to the bridge byte for byte, and are told of', async () => {
    const large = Buffer.alloc(3_000_000, `\r\n--${BOUNDARY.slice(0, -1)}\r\n`);
    const answer = await post('/studies', related('one', large)).expect(200);
    expect(answer.headers['content-type']).toBe('application/dicom+json');
    const { stored } = world.bridge;
    expect(stored).toMatchObject([{ source: 'STOW' }, { source: 'STOW' }]);
    expect(stored.map(({ study }) => study)).toEqual([undefined, undefined]);
    expect(stored[0]!.bytes.toString()).toBe('one');
    expect(stored[1]!.bytes.equals(large)).toBe(true); // toEqual takes seconds for so many bytes
    const reference = (uid: string) => ({
      '00081150': { vr: 'UI', Value: ['1.2.9'] },
      '00081155': { vr: 'UI', Value: [uid] },
      '00081190': { vr: 'UR' },
    });
    expect(bodyOf(answer)).toEqual({
      '00081190': { vr: 'UR', Value: [`${world.server.url}/dicomweb/studies/1.2.3`] },
      '00081199': { vr: 'SQ', Value: [reference('1.9.1'), reference('1.9.2')] },
    });
  });

  test('are told of in XML where that is asked for', async () => {
    const answer = await post('/studies', related('one')).set('Accept', 'application/dicom+xml').expect(200);
    expect(answer.headers['content-type']).toBe('application/dicom+xml');
    expect(answer.text ?? String(answer.body)).toContain(
      '<DicomAttribute tag="00081199" vr="SQ"><Item number="1">',
    );
  });

  test('must be of the study that the URL names, which the bridge is told', async () => {
    await post('/studies/1.2.3', related('one')).expect(200);
    expect(world.bridge.stored).toMatchObject([{ study: '1.2.3' }]);
  });

  test('of which some are not stored: that is said of each', async () => {
    world.bridge.outcomes.push(
      { status: 200, body: {} },
      { status: 200, body: { status: 0x0111 } },
      { status: 400, body: { error: 'no object' } },
    );
    const answer = await post('/studies', related('one', 'two', 'three')).expect(202);
    expect(bodyOf(answer)).toMatchObject({
      '00081198': {
        Value: [
          { '00081155': { Value: ['1.9.2'] }, '00081197': { vr: 'US', Value: [0x0111] } },
          { '00081155': { vr: 'UI' }, '00081197': { vr: 'US', Value: [0xc000] } },
        ],
      },
      '00081199': { Value: [{ '00081155': { Value: ['1.9.1'] } }] },
    });
  });

  test('of which none is stored are a conflict', async () => {
    world.bridge.outcomes.push({ status: 200, body: { status: 0xa900 } });
    await post('/studies/1.2.3', related('one')).expect(409);
  });

  test('while the bridge is away can be sent again', async () => {
    world.bridge.isAway = true;
    await post('/studies', related('one')).expect(503).expect('Retry-After', '7');
    world.bridge.isAway = false;
    await post('/studies', related('one')).expect(200);
  });
});

test('a sender who leaves in the middle of an object leaves nothing behind', async () => {
  const socket = connect(Number(new URL(world.server.url).port), '127.0.0.1');
  const head = `POST /dicomweb/studies HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${sender}\r\nContent-Type: ${RELATED}\r\nContent-Length: 100000\r\n\r\n`;
  socket.write(`${head}--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n${'half of it '.repeat(100)}`);
  await until(() => world.bridge.asked.length === 1, 'the bridge is sent the object');
  socket.destroy();
  await until(() => world.bridge.broken === 1, 'the bridge is told that it ends there');
  expect(world.bridge.stored).toEqual([]);
  await post('/studies', related('one')).expect(200);
});

describe('what is no objects', () => {
  test.each([
    ['of another type', 'application/dicom', related('one'), 415],
    [
      'of parts of another type',
      `multipart/related; type="application/dicom+json"; boundary=${BOUNDARY}`,
      related('one'),
      415,
    ],
    ['without a boundary', 'multipart/related; type="application/dicom"', related('one'), 400],
    [
      'with another boundary',
      'multipart/related; type="application/dicom"; boundary=other',
      related('one'),
      400,
    ],
    ['without a part', RELATED, Buffer.from(`--${BOUNDARY}--\r\n`), 400],
    ['without a body', RELATED, Buffer.alloc(0), 400],
    ['that ends too early', RELATED, related('one').subarray(0, -12), 400],
  ])('%s is refused', async (_what, type, body, status) => {
    await post('/studies', body, type).expect(status);
  });

  test('in a part of another type is said of that one', async () => {
    const body = Buffer.from(`--${BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n--${BOUNDARY}--`);
    await post('/studies', body).expect(409);
    expect(world.bridge.stored).toEqual([]);
  });
});

describe('who sends', () => {
  test('must be allowed to create ImagingStudies', async () => {
    await post('/studies', related('one'), RELATED, reader).expect(403);
    await post('/studies', related('one'), RELATED, '').expect(401);
    expect(world.bridge.asked).toEqual([]);
  });

  test('must not act within the record of one patient', async () => {
    const { people } = world;
    await people.policy('own', [{ resourceType: 'ImagingStudy', criteria: 'ImagingStudy?patient=%patient' }]);
    const ann = await people.person('ann', { profile: 'Patient/ann', policies: ['own'] });
    const patient = await people.authorization(ann);
    const answer = await post('/studies', related('one'), RELATED, patient).expect(403);
    expect(answer.text).toContain('record of one patient');
    expect(world.bridge.asked).toEqual([]);
  });
});

describe('the service', () => {
  test('says what it can, in WADL and in JSON', async () => {
    const wadl = await world
      .dicomweb()
      .options('/')
      .set('Accept', 'application/vnd.sun.wadl+xml')
      .expect(200);
    expect(wadl.text).toContain(`<resources base="${world.server.url}/dicomweb">`);
    const answer = await world.dicomweb().options('/studies').set('Accept', 'application/json').expect(200);
    expect(answer.body).toMatchObject({
      resources: [{ path: 'studies' }, { path: 'series' }, { path: 'instances' }],
    });
  });

  test('lets pages of allowed origins use it', async () => {
    const origin = 'http://localhost:3000';
    const preflight = await world
      .dicomweb()
      .options(`/studies/${CHEST}/metadata`)
      .set('Origin', origin)
      .set('Access-Control-Request-Method', 'GET')
      .expect(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('Authorization');
    const answer = await world.dicomweb().get('/studies').set('Origin', origin).expect(200);
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
    expect(answer.headers['access-control-expose-headers']).toContain('Warning');
    await world.dicomweb().get('/studies').set('Origin', 'https://evil.example').expect(403);
  });

  test('of a tenant has its studies, and no images of the main store', async () => {
    const tenant = await makeTenant(world.server, 'city');
    const put = (resource: { resourceType: string; id?: string }) =>
      tenant
        .api()
        .put(`/${resource.resourceType}/${resource.id}`)
        .set('Content-Type', 'application/fhir+json')
        .send(JSON.stringify(resource));
    await put({ resourceType: 'Patient', id: 'cara' }).expect(201);
    await put(studyOf('copied', CHEST, { reference: 'Patient/cara' })).expect(201);
    const ask = (path: string) =>
      fetch(`${tenant.url}/dicomweb${path}`, { headers: { authorization: tenant.authorization } });
    const found = await ask('/studies');
    expect(await found.json()).toMatchObject([
      { '00081190': { Value: [`${world.server.url}/t/city/dicomweb/studies/${CHEST}`] } },
    ]);
    expect((await ask(`/studies/${CHEST}/metadata`)).status).toBe(501);
    expect(world.bridge.asked).toEqual([]);
  });
});
