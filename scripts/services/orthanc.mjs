import { existsSync } from 'node:fs';
import { installPackage } from '../install/debianPackage.mjs';

export const name = 'Orthanc of Debian';
export const tests = 'dicom-bridge/test/archive (Orthanc as the archive)';

export const PROGRAM = '/usr/sbin/Orthanc';

export const isInstalled = () => existsSync(PROGRAM);

export const install = () => installPackage('orthanc', PROGRAM);
