import { existsSync } from 'node:fs';
import { installPackage } from '../install/debianPackage.mjs';

export const name = 'Chromium of Debian';
export const tests =
  'server/test/identity/chromium and server/test/web/viewer/chromium (pages, passkeys and images in a real browser)';

export const PROGRAM = '/usr/bin/chromium';

export const isInstalled = () => existsSync(PROGRAM);

export const install = () => installPackage('chromium', PROGRAM);
