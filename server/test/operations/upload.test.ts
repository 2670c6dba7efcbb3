import { expect, test } from '@jest/globals';
import { errorIssue, fhirError } from '../../src/fhir/outcome.ts';
import type { UploadOutcome } from '../../src/imaging/upload/uploads.ts';
import { fileOfBytes } from '../../src/imaging/upload/wholeFile.ts';
import { OperationParameters } from '../../src/operations/parameters.ts';
import { uploadOperation } from '../../src/operations/upload.ts';
import { LOCAL_CALLER } from '../../src/records/caller.ts';

const URLS = { base: 'https://maxray.test/fhir/R4', uploads: 'https://maxray.test/dicomweb/uploads' };
const stored: UploadOutcome = {
  stored: { status: 0, sopClassUid: '1.2', sopInstanceUid: '1.2.3', studyInstanceUid: '1.2' },
};
const refused = (code: 'transient' | 'processing'): UploadOutcome => ({ refused: errorIssue(code, 'No.') });

/** Uploads that are forgotten after files of these had these outcomes. */
async function forgottenAfter(outcomes: Record<string, UploadOutcome>, gone?: string): Promise<string[]> {
  const removed: string[] = [];
  const received = {
    read: () => Promise.resolve(fileOfBytes(Buffer.from('x'))),
    remove: (_owner: string, id: string) => {
      if (id === gone) return Promise.reject(fhirError('not-found', 'not-found', 'It is gone.'));
      removed.push(id);
      return Promise.resolve();
    },
  };
  const answer = { outcomes: Object.values(outcomes) };
  const operation = uploadOperation({ store: () => Promise.resolve(answer) }, received, URLS);
  const files = Object.keys(outcomes).map((id) => ({
    ...{ name: 'file', valueType: 'Attachment' },
    value: { url: `${URLS.uploads}/${id.split(' ')[0]}` },
  }));
  const parameters = new OperationParameters(files);
  const { kind } = await operation.run({
    caller: LOCAL_CALLER,
    level: 'type',
    parameters,
    handling: 'strict',
  });
  expect(kind).toBe('resource');
  return removed;
}

test('an upload whose file could not be stored just now is kept: its bytes need not come again', async () => {
  const outcomes = { one: stored, two: refused('transient'), three: refused('processing') };
  expect(await forgottenAfter(outcomes)).toEqual(['one', 'three']);
  expect(await forgottenAfter({ 'one first': stored, 'one again': refused('transient') })).toEqual([]);
});

test('one that the same call has forgotten meanwhile is no fault', async () => {
  expect(await forgottenAfter({ one: stored, two: stored }, 'one')).toEqual(['two']);
});
