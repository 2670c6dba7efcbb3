/** An environment variable that the bridge reads. */
export interface Variable {
  name: string;
  /** What it takes, in words. */
  type: string;
  /** Default as shown to people; '' when unset means off. */
  default: string;
  meaning: string;
}

/** Every environment variable that the bridge reads. docs/configuration.md shows the same table (a test compares them). */
export const VARIABLES = [
  {
    name: 'DICOM_PORT',
    type: 'port number, 0 to 65535',
    default: '11112',
    meaning: 'TCP port on which modalities are answered; 0 takes a free one',
  },
  {
    name: 'DICOM_HOST',
    type: 'IP address or name',
    default: '127.0.0.1',
    meaning: 'Address on which modalities are answered',
  },
  {
    name: 'DICOM_AE_TITLE',
    type: 'AE title',
    default: 'MAXRAY',
    meaning: 'Application entity title of the bridge',
  },
  {
    name: 'DICOM_ALLOW',
    type: 'comma-separated AE@IP address',
    default: '',
    meaning:
      'Peers that are admitted as long as the record has none: afterwards its Endpoint resources say who is',
  },
  {
    name: 'DICOM_TLS_PORT',
    type: 'port number, 0 to 65535',
    default: '',
    meaning: 'TCP port for DICOM over TLS with client certificates; needs the three files',
  },
  {
    name: 'DICOM_TLS_CERT_FILE',
    type: 'PEM file',
    default: '',
    meaning: 'Certificate of the bridge, with those above it',
  },
  {
    name: 'DICOM_TLS_KEY_FILE',
    type: 'PEM file',
    default: '',
    meaning: 'Private key of DICOM_TLS_CERT_FILE',
  },
  {
    name: 'DICOM_TLS_CA_FILE',
    type: 'PEM file',
    default: '',
    meaning: 'Authorities that have signed the certificates of peers',
  },
  {
    name: 'ORTHANC_URL',
    type: 'http or https URL',
    default: '',
    meaning: 'Orthanc that keeps the objects; unset: files in MAXRAY_DATA_DIR/dicom/archive',
  },
  {
    name: 'ORTHANC_USERNAME',
    type: 'text',
    default: '',
    meaning: 'User of its REST interface; needed with ORTHANC_URL',
  },
  { name: 'ORTHANC_PASSWORD', type: 'text', default: '', meaning: 'Password of that user' },
  {
    name: 'DICOM_BRIDGE_PORT',
    type: 'port number, 0 to 65535',
    default: '0',
    meaning: 'TCP port on which the FHIR server asks the bridge; 0 takes a free one',
  },
  {
    name: 'DICOM_BRIDGE_HOST',
    type: 'IP address or name',
    default: '127.0.0.1',
    meaning: 'Address on which the FHIR server asks the bridge; it is not encrypted',
  },
  {
    name: 'DICOM_BRIDGE_SECRET_FILE',
    type: 'file of at least 32 characters',
    default: 'MAXRAY_DATA_DIR/dicom/bridge.secret',
    meaning: 'Secret that the FHIR server shows the bridge; made with mode 0600 when absent',
  },
  {
    name: 'DICOM_BRIDGE_CLIENT_FILE',
    type: 'JSON file with clientId and clientSecret',
    default: 'MAXRAY_DATA_DIR/dicom/bridge-client.json',
    meaning: 'What the bridge proves itself with to the FHIR server; read again at each sign-in',
  },
  {
    name: 'MAXRAY_URL',
    type: 'http or https URL',
    default: 'http://127.0.0.1:8103',
    meaning: 'Root of the FHIR server, or of a tenant of it (.../t/NAME)',
  },
  {
    name: 'MAXRAY_DATA_DIR',
    type: 'folder',
    default: '.maxray',
    meaning: 'Spool, ledger and archive of the bridge are in its folder dicom',
  },
  {
    name: 'DICOM_SPOOL_FREE_BYTES_MIN',
    type: 'bytes, 0 to 1099511627776',
    default: '1073741824',
    meaning: 'Objects are refused where less than that is free on the disk of the spool',
  },
  {
    name: 'DICOM_QUIET_MS',
    type: 'milliseconds, 0 to 86400000',
    default: '60000',
    meaning: 'A study is complete when nothing of it has come for so long',
  },
  {
    name: 'DICOM_ECHO_MS',
    type: 'milliseconds, 0 to 86400000',
    default: '300000',
    meaning:
      'Between two checks (C-ECHO) whether X-ray units with a port answer that were not heard of; 0: none',
  },
  {
    name: 'DICOM_TIME_ZONE',
    type: 'name of a time zone',
    default: '',
    meaning:
      'Zone of the times in worklist and performed steps, as Europe/Berlin; unset: that of the process',
  },
  {
    name: 'LOG_LEVEL',
    type: 'fatal, error, warn, info, debug or silent',
    default: 'info',
    meaning: 'Least severity that is logged',
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof VARIABLES)[number]['name'];
