import type { Variable } from './variable.ts';

/** Those about the DICOM bridge; what it reads itself stands in dicom-bridge/src/config/variables.ts. */
export const DICOM_VARIABLES = [
  {
    name: 'DICOM',
    type: 'embedded, external or off',
    default: 'embedded',
    meaning:
      'Whether the server runs the DICOM bridge beside itself, asks one that runs elsewhere, or has none',
  },
  {
    name: 'DICOM_BRIDGE_URL',
    type: 'https URL, or http of this machine',
    default: '',
    meaning: 'Where the bridge is asked; needed with DICOM=external',
  },
  {
    name: 'DICOM_BRIDGE_SECRET_FILE',
    type: 'file of at least 32 characters',
    default: 'MAXRAY_DATA_DIR/dicom/bridge.secret',
    meaning: 'Secret that opens the bridge to the server; made with mode 0600 when absent',
  },
  {
    name: 'DICOM_BRIDGE_CLIENT_FILE',
    type: 'JSON file with clientId and clientSecret',
    default: 'MAXRAY_DATA_DIR/dicom/bridge-client.json',
    meaning: 'Client that the bridge signs in as, which the server lets in; made with mode 0600 when absent',
  },
] as const satisfies readonly Variable[];
