import { existsSync } from 'node:fs';
import { installPackage } from '../install/debianPackage.mjs';

export const name = 'dcmtk of Debian';
export const tests = 'dicom-bridge/test/dimse (modalities that send to the bridge)';

const FOLDER = '/usr/bin';
/** One of its programs, such as `storescu`. */
export const program = (name) => `${FOLDER}/${name}`;

export const isInstalled = () => existsSync(program('storescu'));

export const install = () => installPackage('dcmtk', program('storescu'));
