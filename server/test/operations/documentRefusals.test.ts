import { describe, expect, test } from '@jest/globals';
import { archivedFiles, sharedPath } from '../support/sharedData.ts';
import { FHIR } from '../rest/support.ts';
import { documentServer, names, OBSERVATION } from './documentSupport.ts';
import { to } from './support.ts';

const EXAMPLES = sharedPath('data/r4-examples-4.0.1.tgz');

const { api, put, refusal, compose, documentOf } = documentServer();

const issuesOf = async (path: string, status: number) => {
  const { body } = await api().get(path).expect(status);
  return (body as { issue: { code: string; expression?: string[]; diagnostics: string }[] }).issue;
};

describe('$document refuses', () => {
  test('what is not whole, and says where', async () => {
    await put('Observation/gone', OBSERVATION);
    await api().delete('/Observation/gone').expect(204);
    await compose('missing', {
      subject: to('Patient/never'),
      section: [
        {
          title: 'A',
          text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">A</div>' },
        },
        { entry: [to('Observation/one'), to('Observation/gone'), to('Observation/one/_history/9')] },
        { entry: [to('Observation/one/_history/x'), to('Observation/gone')] },
      ],
    });
    const issues = await issuesOf('/Composition/missing/$document?persist=true', 422);
    expect(issues.map(({ code, expression }) => [code, expression![0]])).toEqual([
      ['not-found', 'Composition.subject'],
      ['deleted', 'Composition.section[1].entry[1]'],
      ['not-found', 'Composition.section[1].entry[2]'],
      ['not-found', 'Composition.section[2].entry[0]'],
    ]);
    expect(issues[0]!.diagnostics).toBe(
      'The Composition refers to Patient/never, which is not there, and a document holds all that its Composition refers to: store it, or correct the reference.',
    );
    const { body } = await api().get('/Bundle?composition=missing').expect(200);
    expect(body.entry).toBeUndefined();
  });

  test('more resources than fit', async () => {
    const entry = Array.from({ length: 1001 }, (_, i) => to(`Observation/many-${i}`));
    await compose('many', { section: [{ entry }] });
    expect(await refusal('/Composition/many/$document', 422)).toBe(
      'The document would hold more than 1000 resources: divide its Composition.',
    );
  });

  test('more bytes than fit', async () => {
    const bytes = Buffer.alloc(26 * 2 ** 20);
    await api().put('/Binary/huge').set('Content-Type', 'image/png').send(bytes).expect(201);
    await compose('huge', { section: [{ entry: [to('Binary/huge')] }] });
    expect(await refusal('/Composition/huge/$document', 413)).toContain('too large for one answer');
  });

  test('what is not there, or in another place', async () => {
    await compose('whole', {});
    await compose('gone', {});
    await api().delete('/Composition/gone').expect(204);
    await refusal('/Composition/never/$document', 404);
    await refusal('/Composition/$document?id=never', 404);
    await refusal('/Composition/no%20id/$document', 404);
    await refusal('/Composition/gone/$document', 410);
    await refusal('/$document', 404);
    await refusal('/Patient/p/$document', 404);
    await refusal('/Composition/whole/_history/1/$document', 404);
  });

  test.each([
    ['any/$document?id=whole', 400, 'The URL says which Composition is meant: leave out the parameter id.'],
    ['$document', 400, 'Composition/$document needs the parameter id of a Composition.'],
    ['$document?id=http://other.example/Composition/1', 422, 'Compositions elsewhere are not fetched'],
    ['any/$document?graph=http://x.example/g', 422, 'The parameter graph is not supported'],
    ['any/$document?persist=maybe', 400, 'persist must be true or false.'],
    ['any/$document?type=x', 400, "$document does not take 'type'; it takes id, persist, graph."],
  ])('Composition/%s', async (path, status, text) => {
    expect(await refusal(`/Composition/${path}`, status)).toContain(text);
  });
});

(EXAMPLES === undefined ? test.skip : test)("makes a document of HL7's example", async () => {
  const byName = new Map(
    [...archivedFiles(EXAMPLES!)].map(({ name, content }) => [name.replace('examples/', ''), content]),
  );
  const stored = async (file: string) => {
    const text = byName.get(file)!.toString();
    const { resourceType, id } = JSON.parse(text) as { resourceType: string; id: string };
    await api().put(`/${resourceType}/${id}`).set('Content-Type', FHIR).send(text).expect(201);
  };
  await stored('Composition-example.json');
  const missing = await issuesOf('/Composition/example/$document', 422);
  for (const { diagnostics } of missing) {
    const reference = /refers to (\S+), which/.exec(diagnostics)![1]!;
    const file = `${reference.replace('/', '-')}.json`;
    if (byName.has(file)) await stored(file);
    else await put(reference, { status: 'current', mode: 'working', code: { text: 'x' } });
  }
  const document = await documentOf('/Composition/example/$document?persist=true');
  expect(names(document)[0]).toBe('Composition/example');
  expect(document.entry.length).toBe(missing.length + 1);
});
