import { expect, test } from '@jest/globals';
import type { AuditConfig } from '../../src/config.ts';
import { auditSettings } from '../../src/main/auditSettings.ts';

const config = (change: Partial<AuditConfig> = {}): AuditConfig => ({
  audit: 'on',
  auditJournalBytesMax: 1_000,
  auditKeyFile: undefined,
  auditFile: undefined,
  auditSyslogUrl: undefined,
  auditSyslogCaFile: undefined,
  auditSyslogCertFile: undefined,
  auditSyslogKeyFile: undefined,
  ...change,
});
const THIS_FILE = import.meta.filename;

test('settings are what the configuration says, with the content of files', () => {
  expect(auditSettings(config())).toEqual({ strict: false, journalBytesMax: 1_000 });
  const full = config({
    audit: 'strict',
    auditKeyFile: '/key',
    auditFile: '/file',
    auditSyslogUrl: 'syslogs://logs.example',
    auditSyslogCaFile: THIS_FILE,
  });
  expect(auditSettings(full)).toEqual({
    strict: true,
    journalBytesMax: 1_000,
    keyFile: '/key',
    file: '/file',
    syslog: {
      target: { host: 'logs.example', port: 6514, tls: true },
      tls: { ca: expect.stringContaining('auditSettings') },
    },
  });
});

const URL = { auditSyslogUrl: 'syslog://logs.example' };

test.each<[Partial<AuditConfig>, RegExp]>([
  [{ auditSyslogUrl: 'https://logs.example' }, /^AUDIT_SYSLOG_URL is no address/],
  [{ ...URL, auditSyslogCaFile: '/no/such/file' }, /^AUDIT_SYSLOG_CA_FILE cannot be read \(ENOENT\)/],
  [{ ...URL, auditSyslogKeyFile: THIS_FILE }, /are only of use together/],
])('%j is refused by the name of its variable', (change, message) => {
  expect(() => auditSettings(config(change))).toThrow(message);
});
