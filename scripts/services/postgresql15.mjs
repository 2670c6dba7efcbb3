import { existsSync } from 'node:fs';
import { installPackage } from '../install/debianPackage.mjs';

export const name = 'PostgreSQL 15 of Debian';
export const tests = 'server/test/store/postgres on PostgreSQL 15 (they run on the embedded 18 all the same)';

/** Where Debian puts the programs of this version. */
export const BIN_FOLDER = '/usr/lib/postgresql/15/bin';
const PROGRAM = `${BIN_FOLDER}/postgres`;

export const isInstalled = () => existsSync(PROGRAM);

export const install = () => installPackage('postgresql-15', PROGRAM);
