import { expect, test } from '@jest/globals';
import type { MedplumClient } from '@medplum/core';
import type { Device, Endpoint, Extension } from '@medplum/fhirtypes';
import { readPeers } from '../../src/peers/readPeers.ts';

const AE_TITLE_SYSTEM = 'https://maxray.example/fhir/sid/ae-title';
const PEER = 'https://maxray.example/fhir/StructureDefinition/maxray-dicom-peer';

let count = 0;
const endpoint = (aeTitle: string, address: string, ...settings: Extension[]): Endpoint => ({
  resourceType: 'Endpoint',
  id: `e${(count += 1)}`,
  identifier: [{ system: AE_TITLE_SYSTEM, value: aeTitle }],
  status: 'active',
  connectionType: { code: 'dicom-dimse' },
  payloadType: [{ text: 'DICOM' }],
  address,
  ...(settings.length > 0 && { extension: [{ url: PEER, extension: settings }] }),
});
const device = (aeTitle: string, status: Device['status']): Device => ({
  resourceType: 'Device',
  id: aeTitle.toLowerCase(),
  identifier: [{ system: AE_TITLE_SYSTEM, value: aeTitle }],
  status,
});
/** What the record has, by type: what is searched for is tested with a server (main/bridge.test.ts). */
const read = (endpoints: Endpoint[], devices: Device[] = []) =>
  readPeers({
    searchResources: async (type: string) => (type === 'Endpoint' ? endpoints : devices),
  } as unknown as MedplumClient);

test('an Endpoint says who is admitted, from where, and how it is treated', async () => {
  const { peers, ignored } = await read(
    [
      endpoint('CT 1', 'dicom://192.0.2.1:104'),
      endpoint('PACS', 'dicom://PACS@192.0.2.2'),
      endpoint(
        'UNIT',
        'dicoms://[2001:db8::7]:2762',
        { url: 'issuer', valueUri: 'https://clinic.example/mrn' },
        { url: 'service', valueCode: 'store' },
        { url: 'service', valueCode: 'query-retrieve' },
        { url: 'certificate', valueString: Array(32).fill('A5').join(':') },
        { url: 'characterSet', valueString: 'ISO_IR 100' },
      ),
    ],
    [device('UNIT', 'active')],
  );
  expect(ignored).toEqual([]);
  expect(peers).toEqual([
    { aeTitle: 'CT 1', address: '192.0.2.1', port: 104 },
    { aeTitle: 'PACS', address: '192.0.2.2' },
    {
      aeTitle: 'UNIT',
      address: '2001:db8::7',
      port: 2762,
      isTls: true,
      issuer: 'https://clinic.example/mrn',
      services: ['store', 'query-retrieve'],
      certificate: 'a5'.repeat(32),
      characterSet: 'ISO_IR 100',
      device: 'Device/unit',
    },
  ]);
});

test.each([
  ['no AE title', () => read([{ ...endpoint('A', 'dicom://192.0.2.1'), identifier: [] }])],
  ['a long AE title', () => read([endpoint('MORE_THAN_SIXTEEN', 'dicom://192.0.2.1')])],
  ['a host name', () => read([endpoint('A', 'dicom://unit.example:104')])],
  ['another protocol', () => read([endpoint('A', 'https://192.0.2.1')])],
  ['no address', () => read([endpoint('A', 'somewhere')])],
  [
    'a short fingerprint',
    () => read([endpoint('A', 'dicoms://192.0.2.1', { url: 'certificate', valueString: 'A5' })]),
  ],
  ['a Device out of service', () => read([endpoint('A', 'dicom://192.0.2.1')], [device('A', 'inactive')])],
])('an Endpoint with %s admits nobody, and it is told why', async (_what, asked) => {
  const { peers, ignored } = await asked();
  expect([peers, ignored]).toEqual([[], [expect.stringMatching(/^Endpoint\/e\d+: ./)]]);
});
