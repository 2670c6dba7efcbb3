import { existsSync } from 'node:fs';
import { installPackage } from '../install/debianPackage.mjs';

export const name = 'Redis of Debian';
export const tests = 'server/test/limits/redisLedger (limits that servers share by Redis)';

export const PROGRAM = '/usr/bin/redis-server';

export const isInstalled = () => existsSync(PROGRAM);

export const install = () => installPackage('redis-server', PROGRAM);
