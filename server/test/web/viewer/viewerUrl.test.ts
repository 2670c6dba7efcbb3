import { expect, test } from '@jest/globals';
import { viewerUrl } from '../../../src/web/viewer/viewerUrl.ts';

const TICKET = 'A'.repeat(32);

test.each([
  ['/viewer/s1', { kind: 'page', studyId: 's1' }],
  [`/viewer/s1?ticket=${TICKET}`, { kind: 'page', studyId: 's1', ticket: TICKET }],
  ['/viewer/s1?ticket=short', { kind: 'page', studyId: 's1' }],
  ['/viewer/_assets/index-1.js', { kind: 'asset', name: '_assets/index-1.js' }],
  [
    '/viewer/s1/fhir/R4/ImagingStudy?patient=1',
    { kind: 'data', studyId: 's1', service: 'fhir', url: '/fhir/R4/ImagingStudy?patient=1' },
  ],
  [
    '/viewer/s1/fhir/R4/Patient/p-1.2',
    { kind: 'data', studyId: 's1', service: 'fhir', url: '/fhir/R4/Patient/p-1.2' },
  ],
  [
    '/viewer/s1/dicomweb/studies/1.2/metadata',
    { kind: 'data', studyId: 's1', service: 'dicomweb', url: '/dicomweb/studies/1.2/metadata' },
  ],
])('%s is of the viewer', (url, expected) => {
  expect(viewerUrl(url)).toEqual(expected);
});

test.each([
  ['/viewer/'],
  ['/viewer/s_1'],
  ['/viewer/s1/'],
  ['/viewer/s1/fhir/R4/Observation'],
  ['/viewer/s1/fhir/R4/PatientX'],
  ['/viewer/s1/fhir/R4/Patient/p1/Observation'],
  ['/viewer/s1/fhir/R4/Patient/p1/$everything'],
  ['/viewer/s1/fhir/R4/Patient/$export'],
  ['/viewer/s1/fhir/R4/ImagingStudy/_history'],
  ['/viewer/s1/fhir/R4/'],
  ['/viewer/s1/fhir/R4/%50atient/1'],
  ['/viewer/s1/oauth2/token'],
  ['/viewer/s1/dicomweb/uploads'],
])('%s is nothing', (url) => {
  expect(viewerUrl(url)).toBe('unknown');
});

test.each([['/viewer'], ['/viewers/s1'], ['/fhir/R4/ImagingStudy/s1']])('%s is none of it', (url) => {
  expect(viewerUrl(url)).toBeUndefined();
});
