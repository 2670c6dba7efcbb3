import { existsSync } from 'node:fs';
import { installPackage } from '../install/debianPackage.mjs';

export const name = 'dicom3tools of Debian';
export const tests = 'seed/test/xray (images of the demo, by the rules of PS3.3)';

/** Verifies the attributes of DICOM objects. */
export const DCIODVFY = '/usr/bin/dciodvfy';

export const isInstalled = () => existsSync(DCIODVFY);

export const install = () => installPackage('dicom3tools', DCIODVFY);
