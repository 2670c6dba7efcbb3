import type { Variable } from './variable.ts';

/** Those of the audit log. */
export const AUDIT_VARIABLES = [
  {
    name: 'AUDIT',
    type: 'on or strict',
    default: 'on',
    meaning:
      'When an answer may leave: once its record in the audit journal has reached the operating system (on), or the disk (strict)',
  },
  {
    name: 'AUDIT_JOURNAL_BYTES_MAX',
    type: 'whole number, 1048576 to 1099511627776',
    default: '1073741824',
    meaning: 'Most bytes of audit records that wait for the database; beyond it requests are answered 503',
  },
  {
    name: 'AUDIT_KEY_FILE',
    type: 'PEM file',
    default: 'MAXRAY_DATA_DIR/audit/seal.key',
    meaning: 'Private Ed25519 key that signs the audit log; made with mode 0600 when absent',
  },
  {
    name: 'AUDIT_FILE',
    type: 'file',
    default: '',
    meaning: 'File to which AuditEvents are also appended, as lines of JSON',
  },
  {
    name: 'AUDIT_SYSLOG_URL',
    type: 'syslog://HOST:PORT or syslogs://HOST:PORT',
    default: '',
    meaning: 'Server to which audit messages are also sent (RFC 5424, IHE ATNA); syslogs: over TLS',
  },
  {
    name: 'AUDIT_SYSLOG_CA_FILE',
    type: 'PEM file',
    default: '',
    meaning: 'Certificates that the syslog server is trusted by; unset: those that Node trusts',
  },
  {
    name: 'AUDIT_SYSLOG_CERT_FILE',
    type: 'PEM file',
    default: '',
    meaning: 'Certificate that the server shows the syslog server; needs AUDIT_SYSLOG_KEY_FILE',
  },
  {
    name: 'AUDIT_SYSLOG_KEY_FILE',
    type: 'PEM file',
    default: '',
    meaning: 'Private key of AUDIT_SYSLOG_CERT_FILE',
  },
] as const satisfies readonly Variable[];
