import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, ImagingStudy, Patient } from '@medplum/fhirtypes';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DCIODVFY, isInstalled } from '../../../scripts/services/dicom3tools.mjs';
import { PDF_BYTES_MAX } from '../../src/documents/pdf.ts';
import { newUid, urnOfUid } from '../../src/identifiers/uid.ts';
import { archivedFile } from '../support/archived.ts';
import { openTestClinic, type TestClinic } from '../support/clinic.ts';
import { dcmtk } from '../support/dcmtk.ts';
import { patientOf } from '../support/orders.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-documents-'));
const ACCESSION = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' }] };
/** Of an even and of an odd length. */
const EVEN = Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n%%EOF\n\n', 'latin1');
const ODD = Buffer.concat([EVEN, Buffer.from('%')]);

let clinic: TestClinic;
let patient: Patient;
let other: Patient;
beforeAll(async () => {
  clinic = await openTestClinic({ timeZone: 'America/Phoenix' });
  patient = await clinic.medplum.createResource(patientOf('D1'));
  other = await clinic.medplum.createResource(patientOf('D2'));
});
afterAll(async () => {
  await clinic.stop();
  rmSync(folder, { recursive: true });
});

/** As the recorder would have written it, were there images. */
async function placeStudy(): Promise<ImagingStudy & { id: string; uid: string }> {
  const uid = newUid();
  const study = await clinic.medplum.createResource<ImagingStudy>({
    resourceType: 'ImagingStudy',
    identifier: [
      { system: 'urn:dicom:uid', value: urnOfUid(uid) },
      { type: ACCESSION, value: 'A-77' },
    ],
    status: 'available',
    subject: { reference: `Patient/${patient.id}` },
    started: '2026-12-02T06:30:00Z',
    description: 'Thorax in zwei Ebenen',
  });
  return { ...study, uid };
}

interface Answer {
  status: number;
  sopInstanceUid: string;
  seriesInstanceUid: string;
  studyInstanceUid: string;
}

async function send(pdf: Buffer, study: string, query: Record<string, string> = {}) {
  const all = {
    ...{ report: 'r1', version: '1', imagingStudy: study, patient: patient.id! },
    ...{ issued: '2026-12-02T05:15:30.250Z', title: 'Röntgenbefund', loinc: '36643-5', meaning: 'XR Chest' },
    ...query,
  };
  const asked = new URLSearchParams(Object.entries(all).filter(([, value]) => value !== 'none'));
  const body = new Uint8Array(pdf);
  const response = await clinic.bridge.ask(`/documents?${asked}`, { method: 'POST', body });
  return { code: response.status, body: (await response.json()) as Answer };
}

const stored = ({ sopInstanceUid }: Answer): Promise<string> =>
  archivedFile(clinic.bridge, sopInstanceUid, folder);

const validated = isInstalled() ? test : test.skip;

validated.each([
  ['even', EVEN],
  ['odd', ODD],
])('a PDF of %s length becomes a valid object, and is read back byte for byte', async (_length, pdf) => {
  const study = await placeStudy();
  const { code, body } = await send(pdf, study.id);
  expect([code, body.status, body.studyInstanceUid]).toEqual([200, 0, study.uid]);
  const file = await stored(body);
  const { stderr, status } = spawnSync(DCIODVFY, [file], { encoding: 'utf8' });
  expect(stderr.split('\n').filter((line) => line.startsWith('Error'))).toEqual([]);
  expect([status, stderr]).toEqual([0, expect.stringContaining('EncapsulatedPDF')]);
  expect(await dcmtk('dcm2pdf', [file, `${file}.pdf`])).toMatchObject({ code: 0 });
  expect(readFileSync(`${file}.pdf`)).toEqual(pdf);
});

test('it says of patient, study and report what the record says', async () => {
  const study = await placeStudy();
  const { body } = await send(EVEN, study.id, { version: '3' });
  const { output } = await dcmtk('dcmdump', ['+U8', await stored(body)]);
  const value = (keyword: string) =>
    output
      .split('\n')
      .filter((line) => line.endsWith(` ${keyword}`))
      .map((line) => /\[(.*)\]/.exec(line)?.[1] ?? '');
  const said = {
    SOPClassUID: '=EncapsulatedPDFStorage',
    PatientName: 'Müller^Ann^Eva^Dr.',
    PatientID: 'D1',
    StudyInstanceUID: study.uid,
    StudyDate: '20261201', // by the clock of the modalities
    StudyTime: '233000',
    AccessionNumber: 'A-77',
    StudyDescription: 'Thorax in zwei Ebenen',
    Modality: 'DOC',
    SeriesDescription: 'Report',
    InstanceNumber: '3',
    ContentDate: '20261201',
    ContentTime: '221530',
    DocumentTitle: 'Röntgenbefund',
    CodeValue: '36643-5',
    CodingSchemeDesignator: 'LN',
    CodeMeaning: 'XR Chest',
    BurnedInAnnotation: 'YES',
    VerificationFlag: 'VERIFIED',
    MIMETypeOfEncapsulatedDocument: 'application/pdf',
  };
  expect(output).toContain(said.SOPClassUID);
  for (const [keyword, expected] of Object.entries(said).slice(1))
    expect([keyword, value(keyword).at(-1)]).toEqual([keyword, expected]);
});

test('the same version is one object, however often and at once it is sent; the next one is another of the series', async () => {
  const study = await placeStudy();
  const [first, second] = await Promise.all([send(ODD, study.id), send(ODD, study.id)]);
  const third = await send(ODD, study.id);
  expect([second.body, third.body]).toEqual([first.body, first.body]);
  const next = await send(ODD, study.id, { version: '2' });
  expect(next.body.seriesInstanceUid).toBe(first.body.seriesInstanceUid);
  expect(next.body.sopInstanceUid).not.toBe(first.body.sopInstanceUid);
  const recorded = await until(
    () => clinic.medplum.readResource('ImagingStudy', study.id, { cache: 'reload' }),
    ({ numberOfInstances }) => numberOfInstances === 2,
  );
  const { seriesInstanceUid } = first.body;
  expect(recorded).toMatchObject({
    subject: { reference: `Patient/${patient.id}` },
    started: study.started,
    description: study.description,
    modality: [{ code: 'DOC' }],
    series: [{ uid: seriesInstanceUid, modality: { code: 'DOC' }, numberOfInstances: 2 }],
  });
  const history: Bundle<ImagingStudy> = await clinic.medplum.readHistory('ImagingStudy', study.id);
  const said = history.entry!.flatMap(({ resource }) => resource!.extension?.[0]?.valueCode ?? []);
  expect(new Set(said)).toEqual(new Set(['complete'])); // nobody waits for images because of a report
});

test('made anew it has the same bytes', async () => {
  const study = await placeStudy();
  const { body } = await send(ODD, study.id);
  const before = readFileSync(await stored(body));
  await until(
    async () => {
      const answer = await clinic.bridge.ask(`/studies/${study.uid}?erasure=e1`, { method: 'DELETE' });
      return (await answer.json()) as { state: string };
    },
    ({ state }) => state === 'removed',
  );
  expect((await clinic.bridge.ask(`/objects/${body.sopInstanceUid}`)).status).toBe(404);
  expect((await send(ODD, study.id)).body).toEqual(body);
  expect(readFileSync(await stored(body))).toEqual(before);
});

test.each<[string, Record<string, string>, number]>([
  ['a report without an id', { report: 'none' }, 400],
  ['a version that is none', { version: '0' }, 400],
  ['a day without a time', { issued: '2026-12-02' }, 400],
  ['a day that there is not', { issued: '2026-13-45T10:00:00Z' }, 400],
  ['no title', { title: 'none' }, 400],
  ['a title of two lines', { title: 'a\nb' }, 400],
  ['a code that is none of LOINC', { loinc: 'RPID1' }, 400],
  ['a code without its meaning', { meaning: 'none' }, 400],
  ['a study that nobody knows', { imagingStudy: 'nothing' }, 400],
  ['the study of another patient', { patient: 'other' }, 400],
])('%s is refused', async (_what, query, expected) => {
  const study = await placeStudy();
  const asked = query.patient === 'other' ? { patient: other.id! } : query;
  const { code, body } = await send(EVEN, study.id, asked);
  expect([code, body]).toEqual([expected, { error: expect.stringMatching(/\.$/) }]);
});

test('what is no PDF, and what is too large, is refused', async () => {
  const study = await placeStudy();
  expect((await send(Buffer.from('<html>'), study.id)).code).toBe(400);
  expect((await send(Buffer.alloc(0), study.id)).code).toBe(400);
  expect((await send(Buffer.alloc(PDF_BYTES_MAX + 1, EVEN), study.id)).code).toBe(413);
});
