import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { BlobStore } from '../../../src/store/blob/blobStore.ts';
import { openBlobStore } from '../../../src/store/blob/open.ts';
import { parseListing } from '../../../src/store/blob/s3Listing.ts';
import { parseS3Url } from '../../../src/store/blob/s3Url.ts';
import { FAKE_S3_CREDENTIALS, FAKE_S3_REGION, startFakeS3 } from './fakeS3.ts';
import type { FakeS3 } from './fakeS3.ts';

describe('requests to S3', () => {
  let dataDir: string;
  let fake: FakeS3;
  let store: BlobStore;
  const one = async function* () {
    yield Buffer.from('content');
  };
  const put = () => store.put(one(), { bytesMax: 10 });
  const open = (change: object = {}) => {
    const url = `s3://blobs?endpoint=${fake.url}&region=${FAKE_S3_REGION}`;
    return openBlobStore(url, {
      dataDir,
      s3Credentials: FAKE_S3_CREDENTIALS,
      ...change,
    });
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'maxray-blob-'));
    fake = await startFakeS3('blobs');
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await fake.stop();
    await rm(dataDir, { recursive: true });
  });

  test('are repeated when the store is busy, and when nothing comes', async () => {
    fake.faults.push({ status: 503, code: 'SlowDown' }, 'hang');
    const impatient = await open({ s3IdleTimeoutMs: 2_000 });
    const { key } = await impatient.put(one(), { bytesMax: 10 });
    expect(fake.requests).toHaveLength(3);
    expect((await buffer((await store.get(key)).stream)).toString()).toBe('content');
    await impatient.close();
  });

  test('are given up in the end, told as busy, without the words of the store', async () => {
    for (let i = 0; i < 3; i++) fake.faults.push({ status: 500, code: 'InternalError' });
    await expect(put()).rejects.toMatchObject({
      category: 'busy',
      retryAfterS: expect.any(Number),
      issues: [{ code: 'transient', diagnostics: expect.not.stringContaining('InternalError') }],
      cause: { message: '500 InternalError' },
    });
    expect(fake.objects.size).toBe(0);
    expect(await readdir(path.join(dataDir, 'blob-uploads'))).toEqual([]);
  });

  test('are not repeated when the store refuses them', async () => {
    const stranger = { ...FAKE_S3_CREDENTIALS, secretAccessKey: 'wrong' };
    const other = await open({ s3Credentials: stranger });
    await expect(other.get(randomUUID())).rejects.toMatchObject({
      category: 'busy',
      cause: { message: '403 SignatureDoesNotMatch' },
    });
    expect(fake.requests).toHaveLength(1);
    await other.close();
  });

  test('fail as busy when nobody listens', async () => {
    await fake.stop();
    await expect(put()).rejects.toMatchObject({ category: 'busy', cause: { code: 'ECONNREFUSED' } });
  });

  test('that end early end the stream with an error, never as if it were whole', async () => {
    const { key } = await put();
    fake.faults.push('cut-off');
    const { stream, bytes } = await store.get(key);
    expect(bytes).toBe(7);
    await expect(buffer(stream)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('need credentials', async () => {
    await expect(open({ s3Credentials: undefined })).rejects.toThrow(/AWS_ACCESS_KEY_ID/);
  });
});

describe('an s3: URL', () => {
  test.each([
    ['s3://maxray', 'https://maxray.s3.us-east-1.amazonaws.com/', ''],
    ['s3://maxray/a/b/?region=eu-west-1', 'https://maxray.s3.eu-west-1.amazonaws.com/', 'a/b/'],
    ['s3://maxray/a?endpoint=http://127.0.0.1:9000', 'http://127.0.0.1:9000/maxray/', 'a/'],
    ['s3://maxray?endpoint=https://h/store/', 'https://h/store/maxray/', ''],
  ])('%s', (url, base, prefix) => {
    expect(parseS3Url(url)).toMatchObject({ base: new URL(base), prefix });
  });

  test.each([
    ['s3:', /bucket/],
    ['s3://UP_per', /bucket/],
    ['s3://maxray/a%20b', /prefix/],
    ['s3://maxray/a?zone=x', /"zone"/],
    ['s3://maxray?endpoint=127.0.0.1:9000', /endpoint/],
    ['s3://maxray?endpoint=http://user:pass@host', /endpoint/],
    ['s3://maxray?region=a/b', /region/],
  ])('%s is refused with the part that is wrong', (url, message) => {
    expect(() => parseS3Url(url)).toThrow(message);
  });
});

test('a listing with escaped characters and a last page', () => {
  const xml =
    '<ListBucketResult><IsTruncated>false</IsTruncated><Contents>\n<Key>a&amp;b&#x41;&#66;</Key></Contents></ListBucketResult>';
  expect(parseListing(xml)).toEqual({ keys: ['a&bAB'], next: undefined });
});
