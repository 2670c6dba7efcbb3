import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { serverForFile } from './support.ts';
import {
  DIV,
  JSON_TYPE,
  element,
  jsonOf,
  observation,
  outcomeOf,
  resourceOf,
  xmlClient,
} from './xmlSupport.ts';

const server = serverForFile();
const { call, created } = xmlClient(server);

describe('a resource that is sent as XML', () => {
  test('is stored to the last digit and letter, and read in both formats', async () => {
    const { id, meta } = await created('Observation', observation('1.50'));
    expect(meta).toMatchObject({ versionId: '1' });
    const json = await call(`/Observation/${id}`, { accept: JSON_TYPE });
    expect(json.text).toContain('"value":1.50');
    expect(jsonOf(json)).toMatchObject({ text: { div: DIV }, code: { text: 'a < b\nc' } });
    const xml = await call(`/Observation/${id}`);
    expect(xml.text).toContain('<value value="1.50"/>');
    expect(xml.text).toContain(DIV);
    expect(xml.text).toContain('<text value="a &lt; b&#10;c"/>');
    expect(resourceOf(xml)).toEqual(jsonOf(json));
  });

  test.each(['application/xml', 'text/xml; charset=UTF-8'])('as %s', async (type) => {
    const body = element('Basic', '<code><text value="é"/></code>');
    const answer = await call('/Basic', { method: 'POST', type, body });
    expect(resourceOf(answer)).toMatchObject({ code: { text: 'é' } });
  });

  test('updates, under the conditions of the headers', async () => {
    const update = (value: string, ifMatch?: string) =>
      call('/Observation/xml-update', {
        method: 'PUT',
        body: element('Observation', `<id value="xml-update"/>${observation(value)}`),
        ...(ifMatch === undefined ? {} : { headers: { 'If-Match': ifMatch } }),
      });
    expect((await update('1')).status).toBe(201);
    const second = await update('2.0', 'W/"1"');
    expect([second.status, second.header('etag')]).toEqual([200, 'W/"2"']);
    const third = await update('3', 'W/"1"');
    expect(third.status).toBe(412);
    expect(outcomeOf(third).diagnostics).toBeTruthy();
    expect(resourceOf(await call('/Observation/xml-update/_history/1'))).toMatchObject({
      meta: { versionId: '1' },
    });
  });

  test('is refused with line, column and path where it is none', async () => {
    const answer = await call('/Patient', {
      method: 'POST',
      body: element('Patient', '\n<name><fam/></name>'),
    });
    expect(answer.status).toBe(400);
    expect(outcomeOf(answer)).toMatchObject({
      diagnostics: expect.stringMatching(/^Line 2, column 7: HumanName has no element 'fam'/),
      expression: ['Patient.name[0]'],
    });
  });

  test('is validated like any other', async () => {
    const answer = await call('/Patient', {
      method: 'POST',
      body: element('Patient', '<birthDate value="x"/><contact/>'),
    });
    expect(answer.status).toBe(400);
    const { issue } = resourceOf(answer) as unknown as { issue: { expression: string[] }[] };
    const places = new Set(issue.map(({ expression }) => expression[0]));
    expect([...places]).toEqual(['Patient.birthDate', 'Patient.contact[0]']);
  });

  test('may be patched by Parameters in XML', async () => {
    const { id } = await created('Patient', '<active value="true"/>');
    const part = (name: string, value: string) => `<part><name value="${name}"/>${value}</part>`;
    const operation =
      part('type', '<valueCode value="replace"/>') +
      part('path', '<valueString value="Patient.active"/>') +
      part('value', '<valueBoolean value="false"/>');
    const body = element('Parameters', `<parameter><name value="operation"/>${operation}</parameter>`);
    const answer = await call(`/Patient/${id}`, { method: 'PATCH', body });
    expect(resourceOf(answer)).toMatchObject({ active: false, meta: { versionId: '2' } });
  });

  test.each(['application/fhir+xml; charset=iso-8859-1', 'application/fhir+ndjson', 'text/plain'])(
    'of type %s is not taken',
    async (type) => {
      const answer = await call('/Patient', { method: 'POST', body: element('Patient', ''), type });
      expect(answer.status).toBe(415);
      expect(outcomeOf(answer).diagnostics).toContain('application/fhir+xml');
    },
  );

  test('with a DTD is not even looked at', async () => {
    const body = `<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]>${element('Patient', '<name><text value="&x;"/></name>')}`;
    const answer = await call('/Patient', { method: 'POST', body });
    expect([answer.status, outcomeOf(answer).diagnostics]).toEqual([
      400,
      expect.stringContaining('document type declaration'),
    ]);
  });
});

describe('bundles', () => {
  const entry = (method: string, url: string, resource = '') =>
    `<entry>${resource === '' ? '' : `<resource>${resource}</resource>`}<request><method value="${method}"/><url value="${url}"/></request></entry>`;
  const bundle = (type: string, ...entries: string[]) =>
    element('Bundle', `<type value="${type}"/>${entries.join('')}`);
  const patient = '<Patient><id value="xml-bundle"/><multipleBirthInteger value="2"/></Patient>';

  test('a transaction', async () => {
    const body = bundle(
      'transaction',
      entry('PUT', 'Patient/xml-bundle', patient),
      entry('GET', 'Patient/xml-bundle'),
    );
    const answer = resourceOf(await call('/', { method: 'POST', body }));
    expect(answer).toMatchObject({
      type: 'transaction-response',
      entry: [{ response: { status: '201 Created' } }, { resource: { multipleBirthInteger: 2 } }],
    });
  });

  test('a batch, with an outcome of what fails', async () => {
    const body = bundle('batch', entry('GET', 'Patient/none'), entry('GET', 'Patient?_id=xml-bundle'));
    const answer = resourceOf(await call('/', { method: 'POST', body }));
    expect(answer).toMatchObject({
      type: 'batch-response',
      entry: [
        { response: { status: '404', outcome: { resourceType: 'OperationOutcome' } } },
        { resource: { type: 'searchset', entry: [{ resource: { id: 'xml-bundle' } }] } },
      ],
    });
  });

  test('a batch of which one entry cannot be read', async () => {
    const faulty = '<Patient><active value="yes"/></Patient>';
    const body = bundle(
      'batch',
      entry('PUT', 'Patient/xml-readable', '<Patient><id value="xml-readable"/></Patient>'),
      entry('POST', 'Patient', faulty),
      entry('GET', 'Patient?_id=nobody'),
    );
    const answer = resourceOf(await call('/', { method: 'POST', body }));
    const issue = [
      { diagnostics: expect.stringContaining('boolean'), expression: ['Bundle.entry[1].resource.active'] },
    ];
    expect(answer).toMatchObject({
      entry: [
        { response: { status: '201 Created' } },
        { response: { status: '400', outcome: { issue } } },
        { response: { status: '200 OK' } },
      ],
    });
    await call('/Patient/xml-readable').then(({ status }) => expect(status).toBe(200));
    const transaction = body.replace('"batch"', '"transaction"').replaceAll('xml-readable', 'xml-unread');
    expect((await call('/', { method: 'POST', body: transaction })).status).toBe(400);
    expect((await call('/Patient/xml-unread')).status).toBe(404);
    expect((await call('/Bundle', { method: 'POST', body })).status).toBe(400);
  });

  test('one that is no Bundle', async () => {
    const answer = await call('/', { method: 'POST', body: element('Patient', '') });
    expect([answer.status, outcomeOf(answer).diagnostics]).toEqual([
      400,
      expect.stringContaining('takes a Bundle'),
    ]);
  });
});

describe('answers in XML', () => {
  test.each<[string, string]>([
    ['a search', '/Observation?_count=1'],
    ['a search with a summary', '/Observation?_summary=true'],
    ['histories', '/_history?_count=3'],
    ['the statement of capabilities', '/metadata'],
  ])('%s says what JSON says', async (_what, path) => {
    const { id } = await created('Observation', observation('0.10'));
    const at = path.includes('?') ? `${path}&_id=${id}` : path;
    const target = path.startsWith('/Observation') ? at : path;
    const [xml, json] = [await call(target), await call(target, { accept: JSON_TYPE })];
    expect(xml.status).toBe(200);
    const unlinked = ({ link: _sealedAnew, ...rest }: Resource) => rest;
    expect(unlinked(resourceOf(xml))).toEqual(unlinked(jsonOf(json)));
  });

  test('the statement names the formats', async () => {
    const { format: formats } = resourceOf(await call('/metadata')) as unknown as { format: string[] };
    expect(formats).toEqual(expect.arrayContaining(['xml', 'application/fhir+xml', 'json']));
  });

  test('operations, with Parameters in XML', async () => {
    const { id } = await created('Patient', '<active value="true"/>');
    const meta =
      '<parameter><name value="meta"/><valueMeta><tag><code value="a"/></tag></valueMeta></parameter>';
    const answer = await call(`/Patient/${id}/$meta-add`, {
      method: 'POST',
      body: element('Parameters', meta),
    });
    expect(resourceOf(answer)).toMatchObject({
      resourceType: 'Parameters',
      parameter: [{ name: 'return', valueMeta: { tag: [{ code: 'a' }] } }],
    });
    expect(resourceOf(await call(`/Patient/${id}/$everything`))).toMatchObject({ type: 'searchset' });
  });

  test('what Prefer asks for', async () => {
    const write = (wanted: string) =>
      call('/Basic', {
        method: 'POST',
        body: element('Basic', '<code><text value="x"/></code>'),
        headers: { Prefer: `return=${wanted}` },
      });
    expect(outcomeOf(await write('OperationOutcome')).diagnostics).toContain('was created');
    const minimal = await write('minimal');
    expect([minimal.status, minimal.text]).toEqual([201, '']);
  });

  test('errors of every kind', async () => {
    expect(outcomeOf(await call('/Patient/none')).diagnostics).toBeTruthy();
    expect(outcomeOf(await call('/Nonsense')).diagnostics).toContain('nothing at this URL');
    expect(outcomeOf(await call('/metadata', { method: 'DELETE' })).diagnostics).toContain('GET');
    expect(outcomeOf(await call('/Patient?nonsense=1')).diagnostics).toContain('nonsense');
    expect(outcomeOf(await call('/Nonsense?_format=xml', { accept: 'text/html' })).diagnostics).toBeTruthy();
    expect(outcomeOf(await call(`/Patient?_id=${'x'.repeat(9000)}`)).diagnostics).toContain('longer than');
    expect(outcomeOf(await call('/Patient?x=%zz')).diagnostics).toContain('percent-encoding');
  });

  test('indented for people', async () => {
    const { id } = await created('Basic', '<code><text value="x"/></code>');
    const { text } = await call(`/Basic/${id}?_pretty=true`);
    expect(text).toContain('\n  <code>\n    <text value="x"/>\n  </code>\n</Basic>\n');
    expect((await call(`/Basic/${id}`)).text).toContain('<code><text value="x"/></code></Basic>');
  });

  test('characters that XML cannot carry', async () => {
    const body = JSON.stringify({ resourceType: 'Basic', code: { text: 'a\u0001b\r\n' } });
    const { id } = JSON.parse(
      (await call('/Basic', { method: 'POST', body, type: JSON_TYPE, accept: JSON_TYPE })).text,
    );
    expect(resourceOf(await call(`/Basic/${id}`))).toMatchObject({ code: { text: 'a\ufffdb\r\n' } });
    expect(jsonOf(await call(`/Basic/${id}`, { accept: JSON_TYPE }))).toMatchObject({
      code: { text: 'a\u0001b\r\n' },
    });
  });

  test('run nothing in a browser', async () => {
    const answer = await call('/metadata');
    expect(answer.header('content-security-policy')).toContain('sandbox');
    expect(answer.header('x-content-type-options')).toBe('nosniff');
  });
});
