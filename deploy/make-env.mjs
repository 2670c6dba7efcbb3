/** Writes deploy/compose.env: the example with a random password for each that it names. Never overwrites it. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const PASSWORD_BYTES = 24;

const folder = new URL('.', import.meta.url);
const example = readFileSync(new URL('compose.env.example', folder), 'utf8');
const filled = example.replace(
  /^\w*(?:PASSWORD|SECRET)=$/gm,
  (line) => line + randomBytes(PASSWORD_BYTES).toString('hex'),
);
try {
  writeFileSync(new URL('compose.env', folder), filled, { flag: 'wx', mode: 0o600 });
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
  console.error(
    'deploy/compose.env is there already: its passwords are those of the database that was made with it.',
  );
  process.exitCode = 1;
}
