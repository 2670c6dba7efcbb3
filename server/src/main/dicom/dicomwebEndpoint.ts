import type { Endpoint } from '@medplum/fhirtypes';
import type { Records } from '../../records/records.ts';
import type { Settings } from '../../store/settings.ts';
import { LOCAL_CALLER } from '../../records/caller.ts';
import { putOperation } from '../putOperation.ts';

/** Known to the bridge, which names it in ImagingStudies. */
const ENDPOINT_ID = 'maxray-dicomweb';
const SETTING = 'dicomweb-endpoint';

/**
 * Stores where the images of studies are fetched (`ImagingStudy.endpoint`): once for each address, so that who changes or deletes it has done so.
 *
 * @param address absolute URL of the DICOMweb service
 */
export async function storeDicomwebEndpoint(
  { records, settings }: { records: Pick<Records, 'transact'>; settings: Pick<Settings, 'read' | 'write'> },
  address: string,
): Promise<void> {
  if ((await settings.read(SETTING)) === address) return;
  await records.transact(LOCAL_CALLER, [putOperation(endpointAt(address))]);
  await settings.write(SETTING, address);
}

const endpointAt = (address: string): Endpoint & { id: string } => ({
  resourceType: 'Endpoint',
  id: ENDPOINT_ID,
  status: 'active',
  connectionType: {
    system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
    code: 'dicom-wado-rs',
    display: 'DICOM WADO-RS',
  },
  name: 'Images by DICOMweb',
  payloadType: [{ text: 'DICOM' }],
  payloadMimeType: ['application/dicom', 'application/dicom+json', 'application/octet-stream', 'image/jpeg'],
  address,
});
