import { describe, expect, test } from '@jest/globals';
import { serverForFile } from '../support.ts';
import { bundleSender, create, get, patient, put, statuses, type Entry } from './support.ts';

const { api, base } = serverForFile();
const { send } = bundleSender(api);

interface Page {
  type: string;
  link: { relation: string; url: string }[];
  entry: { resource?: { id: string }; response: { etag: string } }[];
}

describe('histories in a batch', () => {
  const inBatch = async (...urls: string[]) => {
    const { body } = await send(
      urls.map((url) => get(url)),
      'batch',
    ).expect(200);
    return body.entry as Entry[];
  };

  test('are what they are alone: of a resource, of a type and of everything', async () => {
    const versions = [false, true].map((active) =>
      put('Patient/told', patient('told', { id: 'told', active })),
    );
    for (const version of versions) await send([version], 'batch').expect(200);
    const urls = ['Patient/told/_history', 'Patient/_history?_count=1', '_history?_count=1&_elements=id'];
    const answers = await inBatch(...urls);
    expect(statuses(answers)).toEqual(['200', '200', '200']);
    for (const [i, url] of urls.entries()) {
      const page = answers[i]!.resource as unknown as Page;
      const alone = (await api().get(`/${url}`).expect(200)).body as Page;
      expect([page.type, page.entry]).toEqual(['history', alone.entry]);
      expect(page.link[0]).toEqual({ relation: 'self', url: `${base()}/${url}` });
    }
    const [ofOne, ofType] = answers.map(({ resource }) => resource as unknown as Page);
    expect(ofOne!.entry.map(({ response }) => response.etag)).toEqual(['W/"2"', 'W/"1"']);
    const next = ofType!.link.find(({ relation }) => relation === 'next')!;
    const [second] = await inBatch(next.url);
    expect((second!.resource as unknown as Page).entry[0]!.response.etag).toBe('W/"1"');
  });

  test('fail by themselves', async () => {
    await send([create(patient('beside'))], 'batch').expect(200);
    const answers = await inBatch('Patient/never/_history', 'Patient/_history?_count=x', 'Patient/_history');
    expect(statuses(answers)).toEqual(['404', '400', '200']);
  });
});
