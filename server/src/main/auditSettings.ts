import { readFileSync } from 'node:fs';
import type { AuditSettings } from '../audit/audit.ts';
import { syslogTarget, type SyslogTls } from '../audit/forward/syslogSink.ts';
import type { AuditConfig } from '../config.ts';
import { StartError } from '../store/postgres/startError.ts';

/** The settings of the audit log, with what files say. @throws StartError that names the variable */
export function auditSettings(config: AuditConfig): AuditSettings {
  const { audit, auditJournalBytesMax, auditKeyFile, auditFile, auditSyslogUrl } = config;
  const settings: AuditSettings = {
    strict: audit === 'strict',
    journalBytesMax: auditJournalBytesMax,
    ...(auditKeyFile !== undefined && { keyFile: auditKeyFile }),
    ...(auditFile !== undefined && { file: auditFile }),
  };
  if (auditSyslogUrl === undefined) return settings;
  const target = syslogTarget(auditSyslogUrl);
  if (target === undefined)
    throw new StartError('AUDIT_SYSLOG_URL is no address like syslog://host:601 or syslogs://host:6514');
  return { ...settings, syslog: { target, tls: tlsOf(config) } };
}

function tlsOf({ auditSyslogCaFile, auditSyslogCertFile, auditSyslogKeyFile }: AuditConfig): SyslogTls {
  const ca = pem('AUDIT_SYSLOG_CA_FILE', auditSyslogCaFile);
  const cert = pem('AUDIT_SYSLOG_CERT_FILE', auditSyslogCertFile);
  const key = pem('AUDIT_SYSLOG_KEY_FILE', auditSyslogKeyFile);
  if ((cert === undefined) !== (key === undefined))
    throw new StartError('AUDIT_SYSLOG_CERT_FILE and AUDIT_SYSLOG_KEY_FILE are only of use together');
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

function pem(name: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`${name} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
